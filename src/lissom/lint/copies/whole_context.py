"""COPY and ADD that bring the whole build context."""

from __future__ import annotations

from lissom.lint.copies.from_context import from_context
from lissom.lint.effects.paths import joined
from lissom.lint.subject import StepView

__all__ = ["takes_all"]


def takes_all(step: StepView) -> bool:
    """Whether the step copies the whole context."""
    found = from_context(step.instruction)
    return found is not None and any(joined("/", one) == "/" or one in ("*", "./*") for one in found.sources)
