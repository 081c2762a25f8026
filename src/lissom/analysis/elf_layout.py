"""How an ELF file is laid out: header, segments, sections; see elf(5). Whatever is not well-formed is no ELF file."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

__all__ = ["Header", "Section", "Segment"]

_HEADER_SIZE = 64
_MOST_SEGMENTS = 1024


class Segment(NamedTuple):
    """A program header: what the loader looks at."""

    type: int
    flags: int
    offset: int
    address: int
    size: int
    align: int


class Section(NamedTuple):
    """A section header, in the order of its fields in the file."""

    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry_size: int

    @property
    def end(self) -> int:
        """Where its bytes in the file end; a section without bytes (.bss) ends where it begins."""
        return self.offset if self.type in (0, 8) else self.offset + self.size


@dataclass(frozen=True)
class Header:
    """The file header. ``order`` is struct's sign for the byte order."""

    bits: int
    order: str
    type: int
    machine: int
    entry: int
    segments_at: int
    sections_at: int
    segment_size: int
    segment_count: int
    section_size: int
    section_count: int
    names_index: int

    @classmethod
    def parse(cls, data: bytes) -> Header | None:
        """The header at the beginning of ``data``, None when it is none."""
        if len(data) < _HEADER_SIZE or data[:4] != b"\x7fELF" or data[4] not in (1, 2) or data[5] not in (1, 2):
            return None
        bits, order = 32 * data[4], "<" if data[5] == 1 else ">"
        kind, machine, _, entry, segments, sections, _, _, *counts = struct.unpack_from(
            f"{order}HHI{'QQQ' if bits == 64 else 'III'}IHHHHHH", data, 16
        )
        header = cls(bits, order, kind, machine, entry, segments, sections, *counts)
        good = not header.segment_count or header.segment_size == header.segment_struct.size
        return header if good and header.segment_count <= _MOST_SEGMENTS else None

    @cached_property
    def segment_struct(self) -> struct.Struct:
        return struct.Struct(self.order + ("IIQQQQQQ" if self.bits == 64 else "IIIIIIII"))

    @cached_property
    def section_struct(self) -> struct.Struct:
        return struct.Struct(self.order + ("IIQQQQIIQQ" if self.bits == 64 else "IIIIIIIIII"))

    @cached_property
    def symbol_struct(self) -> struct.Struct:
        """Name, then (64 bits) info, other, section or (32 bits) value, size, info, other, section."""
        return struct.Struct(self.order + ("IBBHQQ" if self.bits == 64 else "IIIBBH"))

    @cached_property
    def dynamic_struct(self) -> struct.Struct:
        return struct.Struct(self.order + ("QQ" if self.bits == 64 else "II"))

    @property
    def segments_length(self) -> int:
        return self.segment_count * self.segment_size

    @property
    def sections_length(self) -> int:
        """Bytes of the section headers; 0 when their form is unknown."""
        return self.section_count * self.section_size if self.section_size == self.section_struct.size else 0

    def segments(self, table: bytes) -> list[Segment]:
        """The segments of the program headers in ``table``; a part of a header at its end is none."""
        form = self.segment_struct
        rows = form.iter_unpack(table[: len(table) // form.size * form.size])
        if self.bits == 64:
            return [Segment(row[0], row[1], row[2], row[3], row[5], row[7]) for row in rows]
        return [Segment(row[0], row[6], row[1], row[2], row[4], row[7]) for row in rows]

    def sections(self, table: bytes) -> list[Section]:
        """The sections of the headers in ``table``; a part of a header at its end is none."""
        form = self.section_struct
        return [Section(*row) for row in form.iter_unpack(table[: len(table) // form.size * form.size])]
