"""An empty line stands inside an instruction.

What: a line without any character between two lines of one instruction. A line with `#` is fine.
Why: docker will refuse it one day, other tools end the instruction there, and so do people.
Bad:
    FROM debian:bookworm
    RUN echo one && \\

        echo two
Good:
    FROM debian:bookworm
    RUN echo one && \\
        echo two
Fix: safe (E0): the empty lines go.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.warned import warned

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    text = subject.dockerfile.source.text
    for warning in warned(subject, "NoEmptyContinuation"):
        end = warning.span.end
        while end < len(text) and not text[end : _line_end(text, end)].strip():
            end = _line_end(text, end)
        fix = Fix(
            "remove the empty lines",
            (Edit(Span(warning.span.start, end), ""),),
            Safety.SAFE,
            Equivalence.E0,
            "empty lines are no part of the instruction",
        )
        yield Found(warning.span, "an empty line stands inside an instruction", fix)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end + 1


RULE = Rule(
    code="empty-continuation",
    title="No empty line inside an instruction",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("NoEmptyContinuation",),
    check=_check,
    page=__doc__ or "",
)
