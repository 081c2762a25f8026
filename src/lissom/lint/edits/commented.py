"""An instruction with the comment lines directly above it, which move with it."""

from __future__ import annotations

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Comment, Instruction
from lissom.lint.subject import Subject

__all__ = ["commented", "moved_above"]


def commented(subject: Subject, instruction: Instruction) -> Span:
    """From the first of the comment lines that stand directly above an instruction to its end."""
    comments = {item.span.start: item for item in subject.dockerfile.items if isinstance(item, Comment)}
    source = subject.dockerfile.source
    number = source.line_col(instruction.span.start)[0]
    start = instruction.span.start
    while number > 1:
        number -= 1
        line = source.line(number)
        indent = len(source.cut(line)) - len(source.cut(line).lstrip())
        if line.start + indent not in comments and line.start not in comments:
            break
        start = line.start
    return Span(start, instruction.span.end)


def moved_above(subject: Subject, instruction: Instruction, other: Instruction, before: str = "") -> tuple[Edit, Edit]:
    """The edits that move an instruction above another one, each with its comments; ``before`` are lines above it."""
    source = subject.dockerfile.source
    newline = "\r\n" if "\r\n" in source.text else "\n"
    span, target = commented(subject, instruction), commented(subject, other).start
    start = span.start
    start -= source.text[start - 1 : start] == "\n"
    start -= source.text[start - 1 : start] == "\r"
    return Edit(Span(target, target), f"{before}{source.cut(span)}{newline}"), Edit(Span(start, span.end), "")
