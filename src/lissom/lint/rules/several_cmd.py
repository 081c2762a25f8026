"""A stage has more than one CMD.

What: a CMD behind another CMD of the same stage.
Why: the last one counts; the others are dead and mislead.
Bad:
    FROM debian:bookworm
    CMD ["nginx"]
    CMD ["supervisord"]
Good:
    FROM debian:bookworm
    CMD ["supervisord"]
Fix: safe (E0): the earlier one goes.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Cmd
from lissom.lint.overridden import overriding
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return overriding(subject, Cmd)


RULE = Rule(
    code="several-cmd",
    title="One CMD a stage",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL4003", "MultipleInstructionsDisallowed"),
    check=_check,
    page=__doc__ or "",
)
