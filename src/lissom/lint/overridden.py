"""Instructions of which only the last one in a stage counts."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Instruction
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import keyword_span
from lissom.lint.rule import Found
from lissom.lint.subject import Subject

__all__ = ["overriding"]


def overriding(subject: Subject, kind: type[Instruction]) -> Iterator[Found]:
    """Every instruction of a kind that makes an earlier one of its stage useless; the fix drops that one."""
    for stage in subject.stages:
        before: Instruction | None = None
        for step in stage.steps:
            found = step.instruction
            if not isinstance(found, kind):
                continue
            if before is not None:
                line = subject.lines(before)[0]
                message = f"only the last {found.keyword} counts: this one replaces that of line {line}"
                yield Found(keyword_span(found), message, _dropped(subject, before))
            before = found


def _dropped(subject: Subject, instruction: Instruction) -> Fix:
    return Fix(
        f"remove the {instruction.keyword} of line {subject.lines(instruction)[0]}",
        (Edit(_whole_lines(subject.dockerfile.source.text, instruction.span), ""),),
        Safety.SAFE,
        Equivalence.E0,
        f"a later {instruction.keyword} of the stage replaces it, and nothing between them depends on it",
    )


def _whole_lines(text: str, span: Span) -> Span:
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    return Span(start, len(text) if end < 0 else end + 1)
