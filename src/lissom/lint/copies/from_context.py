"""What COPY and ADD take from the build context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Add, Copy, Instruction
from lissom.lint.places import arguments
from lissom.lint.subject import StepView, Subject

__all__ = ["FromContext", "from_context", "sources_of"]


class FromContext(NamedTuple):
    """One source of a COPY or ADD as written, without its quotes, and where it stands."""

    step: StepView
    written: str
    path: str
    span: Span


def from_context(instruction: Instruction) -> Copy | Add | None:
    """The instruction, if it is a COPY or ADD that takes from the context; ADD may take from addresses too."""
    if isinstance(instruction, Add) or (isinstance(instruction, Copy) and not instruction.from_):
        return instruction
    return None


def sources_of(subject: Subject, steps: Iterable[StepView]) -> Iterator[FromContext]:
    """Each source of each COPY and ADD among ``steps`` that takes from the context."""
    for step in steps:
        found = from_context(step.instruction)
        if found is None:
            continue
        words = arguments(subject.dockerfile, found)
        for source in found.sources:
            span = next((word.span for word in words if source in word.text), words[0].span)
            yield FromContext(step, source, source.strip("\"'"), span)
