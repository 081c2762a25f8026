"""Find the fixes that hold: all at once if they do, else those that do not are found by halves and left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lissom.errors import VerifyError
from lissom.lint.fixed import Fixed, Left

__all__ = ["Found", "search"]

Check = Callable[[Fixed, int], str | None]
"""Why the first fixes, that many, do not hold; None when they do."""

_MOST = 100


@dataclass(frozen=True)
class Found:
    """The fixes that hold, and those that were left out for what they do, with the reason."""

    fixed: Fixed
    dropped: tuple[Left, ...]


def search(make: Callable[[Mapping[str, str]], Fixed], check: Check) -> Found:
    """Make fixes, check them, bar the first one that does not hold, and so on until all that are made hold.

    ``make`` makes all fixes but the barred ones (key → reason). What takes a barred one's place is checked as well.
    Raises VerifyError when that leads nowhere.
    """
    barred: dict[str, str] = {}
    dropped: dict[str, Left] = {}
    for _ in range(_MOST):
        fixed = make(barred)
        count = len(fixed.made)
        reason = check(fixed, count) if count else None
        if reason is None:
            return Found(fixed, tuple(dropped.values()))
        at, reason = _first_fault(fixed, check, reason)
        worst = fixed.made[at - 1]
        barred[worst.key] = reason
        dropped[worst.key] = Left(worst.finding, worst.fix, worst.line, reason)
    raise VerifyError(
        f"cannot prove anything: {_MOST} edits were left out, one after another, and others took their place"
    )


def _first_fault(fixed: Fixed, check: Check, reason: str) -> tuple[int, str]:
    """The smallest number of fixes that do not hold, of those looked at by halves, and why they do not."""
    holds, fails = 0, len(fixed.made)
    while fails - holds > 1:
        middle = (holds + fails) // 2
        found = check(fixed, middle)
        if found is None:
            holds = middle
        else:
            fails, reason = middle, found
    return fails, reason
