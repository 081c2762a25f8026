"""Pieces of sentences that findings share."""

from __future__ import annotations

from collections.abc import Iterable

from lissom.dockerfile.source import Span
from lissom.lint.subject import Subject

__all__ = ["and_more", "line_of", "quoted"]

_SHOWN = 3
_WIDEST = 60


def line_of(subject: Subject, span: Span) -> int:
    """The line on which a span begins."""
    return subject.dockerfile.source.line_col(span.start)[0]


def quoted(text: str) -> str:
    """The text in backquotes, cut to a readable length."""
    text = text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
    return f"`{text}`"


def and_more(names: Iterable[str]) -> str:
    """The names in backquotes, each once: three of them, then how many more."""
    once = list(dict.fromkeys(names))
    shown = ", ".join(quoted(name) for name in once[:_SHOWN])
    return shown if len(once) <= _SHOWN else f"{shown} and {len(once) - _SHOWN} more"
