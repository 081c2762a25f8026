"""COPY and ADD that bring the whole build context."""

from __future__ import annotations

from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.effects.paths import joined
from lissom.lint.subject import StepView

__all__ = ["takes_all"]


def takes_all(step: StepView) -> bool:
    """Whether the step copies the whole context."""
    instruction = step.instruction
    if isinstance(instruction, Copy) and instruction.from_:
        return False
    if not isinstance(instruction, Copy | Add):
        return False
    return any(joined("/", source) == "/" or source in ("*", "./*") for source in instruction.sources)
