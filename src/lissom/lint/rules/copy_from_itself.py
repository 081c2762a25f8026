"""COPY --from names its own stage.

What: a `--from` with the name of the stage that it stands in.
Why: the build fails: a stage is not finished while it is made.
Bad:
    FROM debian:bookworm AS app
    COPY --from=app /a /b
Good:
    FROM debian:bookworm AS app
    RUN cp /a /b
Fix: none: which stage was meant is not in the file.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.stages import references
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        own = (stage.stage.name, str(stage.stage.index))
        for step in stage.steps:
            for reference in references(step.instruction):
                if reference.name.lower() in own:
                    yield Found(reference.span, f"the stage `{reference.name}` copies from itself")


RULE = Rule(
    code="copy-from-itself",
    title="No stage copies from itself",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("DL3023",),
    check=_check,
    page=__doc__ or "",
)
