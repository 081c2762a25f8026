"""A stage's name is not in lower case.

What: a name behind `AS` that holds capital letters. Names are compared in any case, so everything still works here.
Why: image names must be in lower case, and other tools compare stage names by the letter: `COPY --from=BUILD` does
not find `AS build` there.
Bad:
    FROM debian:bookworm AS Build
Good:
    FROM debian:bookworm AS build
Fix: safe (E0): the name becomes lower case where it is given; uses match in any case.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit
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
            (Edit(warning.span, name.lower()),),
            Safety.SAFE,
            Equivalence.E0,
            "names of stages match in any case and are not in the image",
        )
        yield Found(warning.span, f"the stage name `{name}` is not in lower case", fix)


RULE = Rule(
    code="stage-name-casing",
    title="Stage names in lower case",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("StageNameCasing",),
    check=_check,
    page=__doc__ or "",
)
