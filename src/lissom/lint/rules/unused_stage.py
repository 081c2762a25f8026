"""A stage that nothing uses.

What: a stage without a name that neither the last stage nor one of its needs is made of. A named stage may be a target
of its own (`--target test`), so it is not told.
Why: builders skip it; readers do not.
Bad:
    FROM node:20
    RUN npm --version

    FROM debian:bookworm-slim
    CMD ["true"]
Good:
    FROM debian:bookworm-slim
    CMD ["true"]
Fix: none: a build may name the stage by its number.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages[:-1]:  # the last one is built when nobody names a target
        if not stage.used and stage.stage.name is None:
            yield Found(stage.stage.from_.span, "no stage uses this one, and it has no name to build it by")


RULE = Rule(
    code="unused-stage",
    title="A stage that nothing uses",
    category=Category.SPEED,
    severity=Severity.INFO,
    check=_check,
    page=__doc__ or "",
)
