"""A stage has more than one HEALTHCHECK.

What: a HEALTHCHECK behind another one of the same stage; `NONE` is one too.
Why: the last one counts; the others are dead and mislead.
Bad:
    FROM debian:bookworm
    HEALTHCHECK CMD ["/check", "--quick"]
    HEALTHCHECK CMD ["/check"]
Good:
    FROM debian:bookworm
    HEALTHCHECK CMD ["/check"]
Fix: safe (E0): the earlier one goes.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Healthcheck
from lissom.lint.overridden import overriding
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return overriding(subject, Healthcheck)


RULE = Rule(
    code="several-healthcheck",
    title="One HEALTHCHECK a stage",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("DL3012", "MultipleInstructionsDisallowed"),
    check=_check,
    page=__doc__ or "",
)
