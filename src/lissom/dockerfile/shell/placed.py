"""The text that a shell gets, with the place of each of its characters in the Dockerfile."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from lissom.dockerfile.lexer import Line
from lissom.dockerfile.source import Span

__all__ = ["Placed", "pieces_of"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A text put together from pieces of the source: piece ``i`` is from ``starts[i]`` on and from ``origins[i]``."""

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    @classmethod
    def of(cls, pieces: Iterable[tuple[str, int]]) -> Placed:
        """Join pieces, each given with its place in the source."""
        texts: list[str] = []
        starts: list[int] = []
        origins: list[int] = []
        length = 0
        for text, origin in pieces:
            if text:
                texts.append(text)
                starts.append(length)
                origins.append(origin)
                length += len(text)
        return cls("".join(texts), tuple(starts), tuple(origins))

    def origin(self, offset: int) -> int:
        """The place in the source of a character of ``text``."""
        piece = bisect_right(self.starts, offset) - 1
        return self.origins[piece] + offset - self.starts[piece]

    def span_of(self, start: int, end: int) -> Span:
        """The span in the source of a part of ``text``."""
        return Span(self.origin(start), self.origin(end - 1) + 1 if end > start else self.origin(start))


def pieces_of(line: Line, start: int, end: int) -> Iterable[tuple[str, int]]:
    """The pieces of a part of a line."""
    cuts = [start, *(at for at in line.starts if start < at < end), end]
    for begin, stop in pairwise(cuts):
        yield line.text[begin:stop], line.origin(begin)
