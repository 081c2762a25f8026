"""What the ledger wants to know of a file's bytes, asked while they go by: debugging information, needed libraries."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from lissom.analysis.bytes_at import BytesAt
from lissom.analysis.elf import read_elf
from lissom.analysis.elf_layout import Header, Section
from lissom.rootfs.entry import Content

__all__ = ["HEAD", "Parts", "Symbols", "is_interesting", "needed", "symbols", "wanted_parts"]

HEAD = 256 << 10
"""Bytes of a large file's beginning that are held."""

_TAIL = 64 << 10
# Where linkers put the names of needed libraries, and where patchelf moves them.
_FIRST, _LAST = 8 << 20, 2 << 20
_LARGEST_PART = 8 << 20
_ALLOC, _NOBITS, _SYMTAB, _STRTAB, _DYNAMIC = 2, 8, 2, 3, 2
_DEBUG = (b".debug", b".zdebug", b".stab", b".gdb_index", b".gnu_debugdata", b".gnu.debuglto_")


@dataclass(frozen=True, slots=True)
class Symbols:
    """Bytes of an ELF file that are there for debuggers (``debug``) and for linkers (``table``: symbols and names)."""

    debug: int
    table: int


@dataclass(frozen=True, slots=True)
class Parts:
    """A content of which only parts are held; the rest reads as zeros."""

    size: int
    parts: Sequence[tuple[int, bytes]]

    def open(self) -> BinaryIO:
        return io.BufferedReader(_Stream(self), 1 << 16)


class _Stream(io.RawIOBase):
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = (0, self._at, self._parts.size)[whence] + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = max(min(len(buffer), self._parts.size - self._at), 0)
        found = bytearray(count)
        for start, data in self._parts.parts:
            low, high = max(start, self._at), min(start + len(data), self._at + count)
            if low < high:
                found[low - self._at : high - self._at] = data[low - start : high - start]
        buffer[:count] = found
        self._at += count
        return count


def is_interesting(head: bytes | memoryview) -> bool:
    """Whether a file that begins so is ELF."""
    return head[:4] == b"\x7fELF"


def wanted_parts(head: bytes, size: int) -> list[tuple[int, int]]:
    """Ranges, in order, of an ELF file beyond its head that ``symbols`` and ``needed`` read."""
    header = Header.parse(head)
    if header is None:
        return []
    table = head[header.segments_at : header.segments_at + header.segments_length]
    dynamic = [segment for segment in header.segments(table) if segment.type == _DYNAMIC]
    found = [(segment.offset, min(segment.offset + segment.size, size)) for segment in dynamic]
    found += [(0, min(_FIRST, size)), (max(size - _LAST, 0), size)]
    if header.sections_length:
        start = max(header.sections_at - _TAIL, 0)
        found.append((start, min(header.sections_at + header.sections_length + _TAIL, size)))
    return sorted((max(low, len(head)), high) for low, high in found if len(head) < high <= low + _LARGEST_PART)


def symbols(content: Content, head: bytes) -> Symbols | None:
    """What debuggers and linkers read in an ELF file; None when there is nothing."""
    header = Header.parse(head)
    if header is None or not header.sections_length:
        return None
    table = _read(content, head, header.sections_at, header.sections_length)
    sections = header.sections(table)
    extra = [s for s in sections if not s.flags & _ALLOC and s.type not in (0, _NOBITS) and s.size]
    if len(extra) <= 1 or not header.names_index < len(sections):
        return None
    where = sections[header.names_index]
    names = _read(content, head, where.offset, min(where.size, _TAIL))
    debug = sum(s.size for s in extra if names.startswith(_DEBUG, s.name))
    table_size = sum(_symbol_bytes(s, sections, header.names_index) for s in extra)
    return Symbols(debug, table_size) if debug or table_size else None


def _symbol_bytes(section: Section, sections: Sequence[Section], names_index: int) -> int:
    if section.type != _SYMTAB:
        return 0
    linked = sections[section.link] if section.link < len(sections) and section.link != names_index else None
    return section.size + (linked.size if linked is not None and linked.type == _STRTAB else 0)


def needed(content: Content) -> tuple[str, ...] | None:
    """The libraries that an ELF file asks for; None when that is not known."""
    elf = read_elf(content)
    if elf is None:
        return ()
    asked = sum(tag == 1 for tag, _ in elf.dynamic)
    return elf.needed if len(elf.needed) == asked else None


def _read(content: Content, head: bytes, offset: int, size: int) -> bytes:
    if offset + size <= len(head):
        return head[offset : offset + size]
    with BytesAt(content) as data:
        return data.read(offset, size)
