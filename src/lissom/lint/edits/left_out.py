"""Words taken out of an instruction, with the lines that they alone stood on."""

from __future__ import annotations

from collections.abc import Iterable

from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Edit, Span
from lissom.errors import DockerfileError
from lissom.lint.subject import Subject

__all__ = ["left_out"]

_BLANK = " \t"


def left_out(subject: Subject, words: Iterable[Span]) -> tuple[Edit, ...] | None:
    """The edits that take words out; None where the lines around them leave no simple way."""
    source = subject.dockerfile.source
    by_line: dict[int, list[Span]] = {}
    for word in words:
        first, last = source.line_col(word.start)[0], source.line_col(max(word.end - 1, word.start))[0]
        if first != last:
            return None
        by_line.setdefault(first, []).append(word)
    edits: list[Edit] = []
    for number, spans in by_line.items():
        made = _of_line(subject, number, spans)
        if made is None:
            return None
        edits += made
    return tuple(edits) if _same_instructions(subject, edits) else None


def _of_line(subject: Subject, number: int, words: list[Span]) -> list[Edit] | None:
    source = subject.dockerfile.source
    line = source.line(number)
    rest, at = "", line.start
    for word in sorted(words):
        rest += source.text[at : word.start]
        at = word.end
    rest = (rest + source.text[at : line.end]).strip()
    if rest not in ("", subject.dockerfile.escape):
        return [_with_blanks(source.text, word) for word in words]
    if rest:
        return [Edit(Span(line.start, source.line(number + 1).start), "")]
    above = source.line(number - 1)
    text = source.cut(above)
    if text.lstrip().startswith("#") or not text.rstrip().endswith(subject.dockerfile.escape):
        return None
    kept = text.rstrip()[:-1].rstrip()
    return [Edit(Span(above.start + len(kept), line.end), "")] if kept else None


def _with_blanks(text: str, word: Span) -> Edit:
    """A word goes with the blanks before it; the first of a line with those behind."""
    start, end = word
    while text[start - 1 : start] and text[start - 1] in _BLANK:
        start -= 1
    if text[start - 1 : start] in ("\n", ""):
        start = word.start
        while text[end : end + 1] and text[end] in _BLANK:
            end += 1
    return Edit(Span(start, end), "")


def _same_instructions(subject: Subject, edits: list[Edit]) -> bool:
    try:
        after = parse(subject.dockerfile.source.apply(edits))
    except (DockerfileError, ValueError):
        return False
    return [one.keyword for one in after.instructions] == [one.keyword for one in subject.dockerfile.instructions]
