"""ELF files without what only debuggers and linkers read: symbol tables and debugging information.

What is loaded stays as it is, byte for byte and at its address; only what comes after it, and between parts of it that
were appended later (as patchelf does), is written anew. Where anything is unusual, the file stays as it is. Whoever
strips must leave alone what somebody compares with a sum kept elsewhere: a file that has a ``NAME.hmac`` or
``.NAME.hmac`` beside it, or an extended attribute ``security.ima``.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lissom.analysis.elf_layout import Header, Section
from lissom.analysis.elf_loaded import Loaded

__all__ = ["stripped"]

_EXEC, _DYN = 2, 3
_NULL, _PROGBITS, _SYMTAB, _STRTAB, _NOTE, _NOBITS = 0, 1, 2, 3, 7, 8
_RELOCATIONS = (4, 9)
_SYMTAB_INDEXES = 18
_ALLOC, _EXECUTE, _INFO_LINK = 2, 4, 0x40
_DEBUG = (".debug", ".zdebug", ".gnu.debuglto_", ".stab", ".gdb_index", ".gnu_debugdata", ".gnu.build.attributes")
_HARMLESS = (
    ".comment",
    ".gnu_debuglink",
    ".gnu_debugaltlink",
    ".ARM.attributes",
    ".riscv.attributes",
    ".GCC.command.line",
)
_LARGEST_ALIGN = 4096
_LEAST_GAIN = 1024
_LONGEST_NAME = 256


def stripped(data: bytes) -> bytes | None:
    """``data`` without symbols and debugging information; None when nothing is gained or it is not sure to run."""
    header = Header.parse(data)
    if header is None or header.type not in (_EXEC, _DYN):
        return None
    plan = _Plan.of(header, data)
    if plan is None:
        return None
    result = plan.write()
    return result if len(result) + _LEAST_GAIN <= len(data) else None


@dataclass(frozen=True)
class _Plan:
    """What goes and what stays. Sections in front of the last loaded one keep their numbers: symbols name them."""

    data: bytes
    header: Header
    sections: Sequence[Section]
    names: Sequence[bytes]
    gone: frozenset[int]
    loaded: Loaded

    @classmethod
    def of(cls, header: Header, data: bytes) -> _Plan | None:
        """None where the file is not laid out as linkers do it."""
        table_end = header.sections_at + header.sections_length
        if not header.sections_length or not header.names_index < header.section_count or table_end > len(data):
            return None
        segments = header.segments(data[header.segments_at : header.segments_at + header.segments_length])
        sections = header.sections(data[header.sections_at : table_end])
        names = _names(data, sections, header.names_index)
        if names is None or len(segments) != header.segment_count:
            return None
        others = [number for number in range(len(sections)) if number != header.names_index]
        gone = frozenset(number for number in others if _goes(sections[number], names[number]))
        kept = [number for number in others if number not in gone]
        if not gone or not all(_is_known(sections[number], names[number], gone) for number in kept):
            return None
        if any(s.flags & _EXECUTE and s.flags & _ALLOC and s.type == _NOBITS for s in sections):
            return None
        loaded = Loaded.of(header, segments, sections, [(sections[n].offset, sections[n].end) for n in gone])
        plan = cls(data, header, sections, names, gone, loaded) if loaded else None
        return plan if plan and plan.is_whole(table_end) else None

    def is_whole(self, table_end: int) -> bool:
        """Whether every byte that is not loaded is one section's and no more than one's, or zero."""
        ranges = [(self.header.sections_at, table_end)]
        ranges += [(s.offset, s.end) for s in self.sections if s.end > s.offset and not s.flags & _ALLOC]
        waiting = deque(sorted(each for each in ranges if not self.loaded.holds(*each)))
        for start, end in (*self.loaded.holes, (self.loaded.end, len(self.data))):
            at = start
            while waiting and waiting[0][0] < end:
                first, last = waiting.popleft()
                if first < at or last > end or not self._is_empty(at, first):
                    return False
                at = last
            if not self._is_empty(at, end):
                return False
        return not waiting and self.loaded.end <= len(self.data)

    def _is_empty(self, start: int, end: int) -> bool:
        """Whether there are but zeros, or the table of sections that the file had before something was appended."""
        found = self.data[start:end]
        if not found.strip(b"\0"):
            return True
        first, size = -start % 8, self.header.section_struct.size
        rest = (len(found) - first) % size
        if found[:first].strip(b"\0") or found[len(found) - rest :].strip(b"\0"):
            return False
        old = self.header.sections(found[first:])
        while old and not any(old[-1]):
            old.pop()
        known = {(section.type, section.flags, section.size) for section in self.sections}
        like = sum((section.type, section.flags, section.size) in known for section in old)
        return 2 * like > len(old) and not any(old[0]) and len(old) < 2 * len(self.sections)

    def write(self) -> bytes:
        """The file: what is loaded, the sections that stay, their names, the table of sections."""
        header, form = self.header, self.header.section_struct
        numbers = self._numbers()
        names, name_at = _name_table({self.names[old] for old in numbers})
        parts = [self.loaded.write(self.data, header)]
        at = len(parts[0])
        table = [bytes(form.size)] * (max(numbers.values()) + 1)
        for old, new in numbers.items():
            section, content = self.sections[old], b""
            if old == header.names_index:
                content = names
            elif not self.loaded.holds(section.offset, section.end):
                content = self.data[section.offset : section.end]
            if content:
                padding = -at % max(section.align, 1) if section.align <= _LARGEST_ALIGN else 0
                parts += [bytes(padding), content]
                section = section._replace(offset=at + padding, size=len(content))
                at += padding + len(content)
            else:
                section = section._replace(offset=self.loaded.place(section.offset))
            table[new] = form.pack(*self._moved(section, name_at[self.names[old]], numbers))
        padding = -at % 8
        parts += [bytes(padding), *table]
        return _with_sections(b"".join(parts), header, at + padding, len(table), numbers[header.names_index])

    def _numbers(self) -> Mapping[int, int]:
        """New numbers of the sections that stay, by old ones."""
        last = max((number for number, section in enumerate(self.sections) if section.flags & _ALLOC), default=0)
        numbers, following = dict[int, int](), last + 1
        for number in range(len(self.sections)):
            if number in self.gone:
                continue
            numbers[number] = number if number <= last else following
            following += number > last
        return numbers

    def _moved(self, section: Section, name: int, numbers: Mapping[int, int]) -> Section:
        names_section = section.type in _RELOCATIONS or section.flags & _INFO_LINK
        return section._replace(
            name=name,
            link=numbers.get(section.link, 0),
            info=numbers.get(section.info, 0) if names_section else section.info,
        )


def _goes(section: Section, name: bytes) -> bool:
    if section.flags & _ALLOC:
        return False
    if section.type in (_SYMTAB, _SYMTAB_INDEXES) or (section.type == _STRTAB and name == b".strtab"):
        return True
    return section.type in (_PROGBITS, _NOTE, _NOBITS) and name.decode("latin-1").startswith(_DEBUG)


def _is_known(section: Section, name: bytes, gone: frozenset[int]) -> bool:
    """Whether a section that stays needs nothing that goes, and does not carry what a program looks for in its file."""
    if section.flags & _ALLOC:
        return section.type in _RELOCATIONS or section.link not in gone
    if section.type in (_NULL, _NOTE):
        return True
    return section.type == _PROGBITS and name.decode("latin-1") in _HARMLESS


def _names(data: bytes, sections: Sequence[Section], index: int) -> list[bytes] | None:
    """The names of all sections; None when one is not in the table of names."""
    table = sections[index]
    text = data[table.offset : table.end]
    names = []
    for section in sections:
        end = text.find(b"\0", section.name, section.name + _LONGEST_NAME)
        if end < 0 or section.end > len(data):
            return None
        names.append(text[section.name : end])
    return names


def _name_table(names: set[bytes]) -> tuple[bytes, Mapping[bytes, int]]:
    text, places = b"\0", {b"": 0}
    for name in sorted(names - {b""}):
        places[name] = len(text)
        text += name + b"\0"
    return text, places


def _with_sections(data: bytes, header: Header, at: int, count: int, names: int) -> bytes:
    """``data`` with a header that says where the table of sections is."""
    word, counts = (40, 60) if header.bits == 64 else (32, 48)
    head = bytearray(data[:64])
    struct.pack_into(header.order + ("Q" if header.bits == 64 else "I"), head, word, at)
    struct.pack_into(header.order + "HH", head, counts, count, names)
    return bytes(head) + data[64:]
