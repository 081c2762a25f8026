"""Mend what keeps a Dockerfile from being read, where there is one way to do it."""

from __future__ import annotations

from lissom.dockerfile.parser import faults_of
from lissom.dockerfile.source import Edit, Source, Span

__all__ = ["repaired"]

_ROUNDS = 20


def repaired(source: Source) -> Source | None:
    """The text with each comment behind an instruction on a line of its own above it; None when that does not help.

    No other builder reads such a file either, so there is no image that it could change.
    """
    for _ in range(_ROUNDS):
        faults = faults_of(source)
        if not faults:
            return source
        edits = [edit for fault in faults if (edit := _moved(source, fault.span)) is not None]
        if not edits:
            return None
        source = Source(source.name, source.apply(edits))
    return None


def _moved(source: Source, span: Span) -> Edit | None:
    """What puts the comment that begins at ``span`` above its line; None if there is none, or it is no first line."""
    line = source.line(source.line_col(span.start)[0])
    text = source.text[line.start : line.end]
    place = span.start - line.start
    before, comment = text[:place].rstrip(), text[place:].rstrip()
    above = source.text[: line.start].rstrip("\r\n \t")
    if not comment.startswith("#") or not before or above.endswith(("\\", "`")) or comment.endswith(("\\", "`")):
        return None
    end = "\r\n" if source.text.startswith("\r\n", line.end) else "\n"
    return Edit(Span(line.start, line.end), f"{comment}{end}{before}")
