"""A stage has more than one ENTRYPOINT.

What: an ENTRYPOINT behind another one of the same stage.
Why: the last one counts; the others are dead and mislead.
Bad:
    FROM debian:bookworm
    ENTRYPOINT ["nginx"]
    ENTRYPOINT ["supervisord"]
Good:
    FROM debian:bookworm
    ENTRYPOINT ["supervisord"]
Fix: safe (E0): the earlier one goes.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Entrypoint
from lissom.lint.overridden import overriding
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return overriding(subject, Entrypoint)


RULE = Rule(
    code="several-entrypoint",
    title="One ENTRYPOINT a stage",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("DL4004", "MultipleInstructionsDisallowed"),
    check=_check,
    page=__doc__ or "",
)
