"""Which parts of an ELF file are loaded, and the file with what is between them gone."""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lissom.analysis.elf_layout import Header, Section, Segment

__all__ = ["Loaded"]

_ALLOC = 2
_NO_BYTES = (0, 8)
_LOAD = 1
_MOST_HOLES = 16
_LEAST_PAGE = 4096
_LARGEST_PAGE = 1 << 24

Range = tuple[int, int]


@dataclass(frozen=True)
class Loaded:
    """``parts`` of a file, in order, apart from one another; ``holes`` between them hold what is to go.

    Parts behind a hole move forward by whole pages, so that they can be mapped where they were before.
    """

    parts: Sequence[Range]
    holes: Sequence[Range]
    page: int

    @classmethod
    def of(
        cls, header: Header, segments: Sequence[Segment], sections: Sequence[Section], gone: Sequence[Range]
    ) -> Loaded | None:
        """None when there is too much between the parts, or the program headers are not in the first one."""
        head = (0, header.segments_at + header.segments_length)
        ranges = [head, *((s.offset, s.offset + s.size) for s in segments if s.size)]
        ranges += [(s.offset, s.end) for s in sections if s.flags & _ALLOC and s.type not in _NO_BYTES]
        parts = _merged(ranges)
        starts = sorted(start for start, _ in gone)
        between = [(left[1], right[0]) for left, right in pairwise(parts)]
        holes = [hole for hole in between if bisect_left(starts, hole[0]) < bisect_left(starts, hole[1])]
        page = max([_LEAST_PAGE, *(s.align for s in segments if s.type == _LOAD)])
        loaded = cls(parts, holes, page)
        good = page & (page - 1) == 0 and page <= _LARGEST_PAGE and head[1] <= parts[0][1]
        return loaded if good and len(holes) <= _MOST_HOLES else None

    @property
    def end(self) -> int:
        """Where the last part ends."""
        return self.parts[-1][1]

    def holds(self, start: int, end: int) -> bool:
        """Whether the bytes from ``start`` to ``end`` are all in one part."""
        number = bisect_right(self.parts, (start, 1 << 64)) - 1
        return number >= 0 and end <= self.parts[number][1]

    def place(self, offset: int) -> int:
        """Where a byte of a part is in what ``write`` gives."""
        return offset - sum(self._saved(hole) for hole in self.holes if hole[1] <= offset)

    def write(self, data: bytes, header: Header) -> bytes:
        """The file up to the end of the last part, program headers changed for parts that moved."""
        pieces, at = [], 0
        for start, end in self.holes:
            pieces += [data[at:start], bytes(end - start - self._saved((start, end)))]
            at = end
        pieces.append(data[at : self.end])
        if not any(map(self._saved, self.holes)):
            return data[: self.end]
        packed = bytearray(b"".join(pieces))
        field, place = ("Q", 8) if header.bits == 64 else ("I", 4)
        for number in range(header.segment_count):
            where = header.segments_at + number * header.segment_size + place
            (offset,) = struct.unpack_from(header.order + field, packed, where)
            struct.pack_into(header.order + field, packed, where, self.place(offset))
        return bytes(packed)

    def _saved(self, hole: Range) -> int:
        return (hole[1] - hole[0]) // self.page * self.page


def _merged(ranges: Sequence[Range]) -> list[Range]:
    """The ranges in order, those that touch or overlap as one."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
