"""A stage's name is not in lower case.

What: a name behind `AS` that holds capital letters. Names are compared in any case, so everything still works here.
Why: image names must be in lower case, and other tools compare stage names by the letter: `COPY --from=BUILD` does
not find `AS build` there.
Bad:
    FROM debian:bookworm AS Build
Good:
    FROM debian:bookworm AS build
Fix: safe (E0): the name becomes lower case where it is given and where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit
from lissom.dockerfile.stages import references
from lissom.dockerfile.syntax import Dockerfile
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.warned import warned

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for warning in warned(subject, "StageNameCasing"):
        name = subject.dockerfile.source.cut(warning.span)
        fix = Fix(
            "write the stage's name in lower case",
            (Edit(warning.span, name.lower()), *_uses(subject.dockerfile, name)),
            Safety.SAFE,
            Equivalence.E0,
            "names of stages match in any case and are not in the image",
        )
        yield Found(warning.span, f"the stage name `{name}` is not in lower case", fix)


def _uses(dockerfile: Dockerfile, name: str) -> Iterator[Edit]:
    """Edits of the places that name the stage by the same letters."""
    for stage in dockerfile.stages:
        if stage.from_.image == name:
            yield Edit(stage.from_.image_span, name.lower())
        for instruction in stage.instructions:
            for reference in references(instruction):
                written = f"from={name}"
                place = dockerfile.source.narrow(reference.span, written, len("from="))
                if reference.name == name and place != reference.span:
                    yield Edit(place, name.lower())


RULE = Rule(
    code="stage-name-casing",
    title="Stage names in lower case",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("StageNameCasing",),
    check=_check,
    page=__doc__ or "",
)
