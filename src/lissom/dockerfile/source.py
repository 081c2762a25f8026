"""The text of a Dockerfile: places in it, excerpts of it, edits to it.

Offsets count characters of ``Source.text``. A line ends at ``\\n``; lines and columns count from 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from unicodedata import combining, east_asian_width

__all__ = ["Edit", "Source", "Span", "visible"]

_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_WIDEST_LINE = 200  # characters of one line that an excerpt shows


class Span(NamedTuple):
    """The characters ``start`` (included) to ``end`` (excluded)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``replacement`` where ``span`` is."""

    span: Span
    replacement: str


@dataclass(frozen=True)
class Source:
    """A text and the name under which messages show it."""

    name: str
    text: str

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return tuple(starts)

    def line_col(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1; the end of the text has a place too.

        A byte order mark has no column of its own: editors do not show it.
        """
        line = bisect_right(self._line_starts, offset)
        start = self.line(line).start
        return line, max(offset - start, 0) + 1

    def line(self, number: int) -> Span:
        """The span of a line (from 1) without its line end and without a byte order mark."""
        start = self._line_starts[number - 1]
        if start == 0 and self.text.startswith(_MARK):
            start = 1
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        if self.text.endswith("\r", start, end):
            end -= 1
        return Span(start, end)

    def cut(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]

    def narrow(self, span: Span, text: str, start: int = 0) -> Span:
        """Where ``text``, from its character ``start`` on, stands inside ``span``; ``span`` if it does not."""
        found = self.text.find(text, span.start, span.end) if text else -1
        return span if found < 0 else Span(found + start, found + len(text))

    def place(self, span: Span) -> str:
        """``name:line:column`` of the span's first character."""
        line, column = self.line_col(span.start)
        return f"{self.name}:{line}:{column}"

    def excerpt(self, span: Span) -> str:
        """The span's first line behind its number, and a line of carets under the span's part of it."""
        number, _ = self.line_col(span.start)
        line = self.line(number)
        start = min(max(span.start, line.start), line.end)
        end = max(min(span.end, line.end), start)
        shown_from = line.start if end - line.start <= _WIDEST_LINE else max(line.start, start - 40)
        shown_to = min(line.end, shown_from + _WIDEST_LINE)
        before, marked = self.text[shown_from:start], self.text[start : min(end, shown_to)]
        gutter = " " * len(str(number))
        carets = "^" * max(_columns(marked), 1)
        text = visible(self.text[shown_from:shown_to])
        return f" {number} | {text}".rstrip() + f"\n {gutter} | {' ' * _columns(before)}{carets}"

    def apply(self, edits: Iterable[Edit]) -> str:
        """The text with all edits made; ValueError if two overlap or one lies outside the text."""
        parts: list[str] = []
        at = 0
        for edit in sorted(edits, key=lambda edit: edit.span):
            if not at <= edit.span.start <= edit.span.end <= len(self.text):
                raise ValueError(f"edit at {edit.span.start} overlaps another or lies outside the text")
            parts += (self.text[at : edit.span.start], edit.replacement)
            at = edit.span.end
        parts.append(self.text[at:])
        return "".join(parts)


def visible(text: str) -> str:
    """The text as a terminal can show it: a tab becomes a space, and what cannot be printed a sign that says so."""
    return "".join(
        " " if char == "\t" else char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _columns(text: str) -> int:
    """How many columns of a terminal the visible text fills; Chinese characters fill two."""
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
