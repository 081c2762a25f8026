"""A stage has a name that the language needs for itself.

What: a stage named `scratch` or `context`.
Why: `FROM scratch` is the empty file system and `context` the build context; a stage of that name cannot be meant.
Bad:
    FROM debian:bookworm AS context
Good:
    FROM debian:bookworm AS sources
Fix: none: who calls `--target` with the name is not in the file.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.warned import warned

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for warning in warned(subject, "ReservedStageName"):
        name = subject.dockerfile.source.cut(warning.span)
        yield Found(warning.span, f"`{name}` is reserved and cannot be the name of a stage")


RULE = Rule(
    code="reserved-stage-name",
    title="No stage is called scratch or context",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("DL3063", "ReservedStageName"),
    check=_check,
    page=__doc__ or "",
)
