"""The app's probes put to images before and after fixes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from lissom.image.image import Image
from lissom.verify.compare import Outcome, Row, Verdict, compare, require_sound
from lissom.verify.observation import Exercise

__all__ = ["Probing"]

_KILLED = "exit 137"
_ENDED = ("exit 0", "exit 143")


@dataclass(frozen=True)
class Probing:
    """How the probes are put to an image; the original answers twice."""

    exercise: Callable[[Image, str], Exercise]
    original: Image

    @cached_property
    def _before(self) -> tuple[Exercise, Exercise]:
        first = self.exercise(self.original, "original:")
        require_sound(first)
        return first, self.exercise(self.original, "original again:")

    def verdict(self, image: Image) -> Verdict:
        """Whether an image does what the original does. Raises VerifyError when the original fails already.

        An app that ends when it is told to, where it had to be killed before, is no fault: that is what fixes are for.
        """
        before = self._before
        found = compare(before, before[0] if image.digest == self.original.digest else self.exercise(image, "fixed:"))
        rows = tuple(_forgiven(row) for row in found.rows)
        outcomes = {row.outcome for row in rows}
        if Outcome.FAILED in outcomes or found.outcome is not Outcome.FAILED:
            return replace(found, rows=rows)
        return Verdict(Outcome.PASSED if outcomes == {Outcome.PASSED} else Outcome.INCONCLUSIVE, rows)


def _forgiven(row: Row) -> Row:
    if row.outcome is Outcome.FAILED and row.name.startswith("stop ") and row.before == _KILLED and row.after in _ENDED:
        return replace(row, outcome=Outcome.PASSED, words="it ends when it is told to; before it had to be killed")
    return row
