"""Where the words of an instruction stand in the Dockerfile, for findings and edits that mean one of them."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.dockerfile.lexer import line_at
from lissom.dockerfile.source import Span
from lissom.dockerfile.statement import Statement
from lissom.dockerfile.syntax import Dockerfile, Instruction

__all__ = ["Placed", "arguments", "first_line", "flag_span", "keyword_span", "pairs"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A word as written (continuations gone) and its place."""

    text: str
    span: Span


def arguments(dockerfile: Dockerfile, instruction: Instruction) -> tuple[Placed, ...]:
    """The words between blanks behind the flags; of a JSON array its pieces, brackets and all."""
    statement = _statement(dockerfile, instruction)
    return tuple(Placed(word.text, statement.span(word)) for word in statement.fields())


def pairs(dockerfile: Dockerfile, instruction: Instruction) -> tuple[Placed, ...]:
    """The ``name=value`` words of ENV, LABEL or ARG: blanks inside quotes do not split."""
    statement = _statement(dockerfile, instruction)
    return tuple(Placed(word.text, statement.span(word)) for word in statement.quoted_words())


def flag_span(instruction: Instruction, name: str) -> Span:
    """Where a flag stands; the instruction if it has none of that name."""
    return next((flag.span for flag in instruction.flags if flag.name == name), instruction.span)


def keyword_span(instruction: Instruction) -> Span:
    """The instruction's keyword."""
    return Span(instruction.span.start, instruction.span.start + len(instruction.keyword))


def first_line(dockerfile: Dockerfile, instruction: Instruction) -> Span:
    """The instruction as far as it stands on its first line."""
    source = dockerfile.source
    end = source.line(source.line_col(instruction.span.start)[0]).end
    return Span(instruction.span.start, max(min(end, instruction.span.end), instruction.span.start))


def _statement(dockerfile: Dockerfile, instruction: Instruction) -> Statement:
    line = line_at(dockerfile.source, instruction.span.start, dockerfile.escape)
    return Statement.read(line, dockerfile.escape)
