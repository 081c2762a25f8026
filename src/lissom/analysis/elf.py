"""What an ELF file needs, says of itself and mentions. Few small reads; what costs more is read when asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from lissom.analysis.bytes_at import BytesAt
from lissom.analysis.elf_layout import Header, Section, Segment
from lissom.rootfs.entry import Content

__all__ = ["Elf", "read_elf"]

_TYPES = {1: "rel", 2: "exec", 3: "dyn", 4: "core"}
_LOAD, _DYNAMIC, _INTERPRETER, _NOTE = 1, 2, 3, 4
_NEEDED, _STRINGS, _SYMBOLS, _STRINGS_SIZE, _SONAME, _RPATH, _RUNPATH, _HASH = 1, 5, 6, 10, 14, 15, 29, 4
_PROGBITS, _NOTES, _DYNSYM = 1, 7, 11
_WRITE, _ALLOC, _EXECUTE = 1, 2, 4

_FIRST = 4096
_LONGEST_NAME = 4096
_MOST_DYNAMIC = 256 << 10
_MOST_READ = 64 << 20
_MOST_HITS = 100_000
_LONGEST_LIBRARY = 80
_SMALL = 64 << 10

_LIBRARY = re.compile(rb"lib[\w.+-]+\Z", re.ASCII)
_LIBRARY_END = re.compile(rb"\.so(?:\.[0-9]+)*(?![\w.+-])", re.ASCII)
# Possessive, and only where a text begins: one pass over data of any kind.
_TEXT = rb"[\x20-\x7e](?<![\x20-\x7e]{2})[\x20-\x7e]{%d,}+(?=\0)"
_PATH = re.compile(rb"/(?<![\x20-\x7e]/)[\x21-\x7e]{1,255}+(?=\0)")
_NO_DATA = (".eh_frame", ".gcc_except_table", ".gopclntab", ".typelink", ".itablink")


@dataclass(frozen=True)
class Elf:
    """One ELF file. ``machine`` is e_machine; ``type`` rel, exec, dyn, core or empty; run paths are as written."""

    machine: int
    bits: int
    type: str
    interpreter: str = ""
    needed: tuple[str, ...] = ()
    soname: str = ""
    runpath: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    static: bool = False
    """A program that needs no loader and no library."""

    content: Content | None = field(default=None, repr=False, compare=False)
    header: Header | None = field(default=None, repr=False, compare=False)
    segments: Sequence[Segment] = field(default=(), repr=False, compare=False)
    dynamic: Sequence[tuple[int, int]] = field(default=(), repr=False, compare=False)

    @cached_property
    def sections(self) -> dict[str, Section]:
        """Section headers by name; of equal names the first one."""
        header = self.header
        if self.content is None or header is None or not header.sections_length:
            return {}
        with BytesAt(self.content) as data:
            found = header.sections(data.read(header.sections_at, header.sections_length))
            if not header.names_index < len(found):
                return {}
            names = found[header.names_index]
            text = data.read(names.offset, min(names.size, _MOST_DYNAMIC))
        sections: dict[str, Section] = {}
        for section in found:
            sections.setdefault(_string(text, section.name), section)
        return sections

    @property
    def has_symbols(self) -> bool:
        """Whether there is something that only debuggers and linkers read."""
        return any(
            not section.flags & _ALLOC and (name == ".symtab" or name.startswith((".debug", ".zdebug")))
            for name, section in self.sections.items()
        )

    @property
    def is_go(self) -> bool:
        return ".go.buildinfo" in self.sections or ".note.go.buildid" in self.sections

    @cached_property
    def imports(self) -> frozenset[str]:
        """Names of symbols that other files must bring."""
        header, facts = self.header, dict(self.dynamic)
        if self.content is None or header is None or not facts.keys() >= {_SYMBOLS, _STRINGS, _STRINGS_SIZE}:
            return frozenset()
        at, names_at = (_place(self.segments, facts[tag]) for tag in (_SYMBOLS, _STRINGS))
        if at is None or names_at is None:
            return frozenset()
        table = self.sections.get(".dynsym")
        size = table.size if table is not None and table.type == _DYNSYM else max(names_at - at, 0)
        with BytesAt(self.content) as data:
            symbols = data.read(at, min(size, _MOST_READ))
            text = data.read(names_at, min(facts[_STRINGS_SIZE], _MOST_READ))
        form = header.symbol_struct
        index = 3 if header.bits == 64 else 5
        rows = form.iter_unpack(symbols[: len(symbols) // form.size * form.size])
        return frozenset(filter(None, (_string(text, row[0]) for row in rows if row[index] == 0)))

    @cached_property
    def libraries(self) -> frozenset[str]:
        """Names such as ``libfoo.so.1`` among the read-only data: what dlopen may be asked for."""
        found = set()
        for data in self._readable():
            for match in islice(_LIBRARY_END.finditer(data), _MOST_HITS):
                name = _LIBRARY.search(data[max(match.start() - _LONGEST_LIBRARY, 0) : match.start()])
                if name:
                    found.add((name[0] + match[0]).decode("ascii"))
        return frozenset(found)

    @cached_property
    def paths(self) -> frozenset[str]:
        """Absolute paths among the read-only data, as they are written."""
        return frozenset(
            match[0].decode("ascii") for data in self._readable() for match in islice(_PATH.finditer(data), _MOST_HITS)
        )

    def strings(self, shortest: int = 4) -> Iterator[str]:
        """Printable texts of the read-only data that end with a zero byte, as C has them; not kept."""
        pattern = re.compile(_TEXT % (shortest - 1))
        for data in self._readable():
            for match in pattern.finditer(data):
                yield match[0].decode("ascii")

    def _readable(self) -> Iterator[bytes]:
        """Read-only data and notes, in all no more than a bound."""
        if self.content is None:
            return
        left = _MOST_READ
        with BytesAt(self.content) as data:
            for offset, size in self._data_ranges():
                found = data.read(offset, min(size, left))
                left -= len(found)
                yield found

    def _data_ranges(self) -> list[tuple[int, int]]:
        ranges = [
            (section.offset, section.size)
            for name, section in self.sections.items()
            if section.type in (_PROGBITS, _NOTES)
            and section.flags & (_ALLOC | _WRITE | _EXECUTE) == _ALLOC
            and not name.startswith(_NO_DATA)
        ]
        if self.sections:
            return ranges
        plain = [s for s in self.segments if s.type == _LOAD and not s.flags & 2]
        return [(s.offset, s.size) for s in plain if not s.flags & 1] or [(s.offset, s.size) for s in plain]


def read_elf(content: Content) -> Elf | None:
    """What ``content`` says of itself; None when it is no ELF file or its headers make no sense."""
    with BytesAt(content) as data:
        first = data.read(0, _FIRST)
        header = Header.parse(first)
        if header is None:
            return None
        segments = header.segments(_slice(data, first, header.segments_at, header.segments_length))
        interpreter, dynamic = "", list[tuple[int, int]]()
        for segment in segments:
            if segment.type == _INTERPRETER:
                interpreter = _string(_slice(data, first, segment.offset, min(segment.size, _LONGEST_NAME)), 0)
            elif segment.type == _DYNAMIC and not dynamic:
                table = _slice(data, first, segment.offset, min(segment.size, _MOST_DYNAMIC))
                dynamic = _dynamic(header, table)
        strings = _dynamic_strings(data, segments, dynamic)
    kind = _TYPES.get(header.type, "")
    needed, soname = tuple(strings.get(_NEEDED, ())), "".join(strings.get(_SONAME, ())[:1])
    program = kind == "exec" or (kind == "dyn" and header.entry != 0 and not soname)
    return Elf(
        machine=header.machine,
        bits=header.bits,
        type=kind,
        interpreter=interpreter,
        needed=needed,
        soname=soname,
        runpath=_directories(strings.get(_RUNPATH, ())),
        rpath=_directories(strings.get(_RPATH, ())),
        static=program and not interpreter and not needed,
        content=content,
        header=header,
        segments=segments,
        dynamic=dynamic,
    )


def _slice(data: BytesAt, first: bytes, offset: int, size: int) -> bytes:
    """Bytes of the file, taken from ``first`` where it holds them."""
    return first[offset : offset + size] if offset + size <= len(first) else data.read(offset, size)


def _dynamic(header: Header, table: bytes) -> list[tuple[int, int]]:
    """Tags and values up to the closing one."""
    form, rows = header.dynamic_struct, list[tuple[int, int]]()
    for tag, value in form.iter_unpack(table[: len(table) // form.size * form.size]):
        if tag == 0:
            break
        rows.append((tag, value))
    return rows


def _dynamic_strings(
    data: BytesAt, segments: Sequence[Segment], dynamic: Sequence[tuple[int, int]]
) -> dict[int, list[str]]:
    """The values that are names, by tag; a large table of names is not read for a few of them."""
    facts = dict(dynamic)
    start, size = _place(segments, facts.get(_STRINGS, -1)), facts.get(_STRINGS_SIZE, 0)
    wanted = [(tag, value) for tag, value in dynamic if tag in (_NEEDED, _SONAME, _RPATH, _RUNPATH)]
    found: dict[int, list[str]] = {}
    if start is None or not wanted:
        return found
    text = data.read(start, size) if size <= _SMALL else None
    for tag, value in wanted:
        if value < size:
            name = _string(data.read(start + value, _LONGEST_NAME), 0) if text is None else _string(text, value)
            found.setdefault(tag, []).append(name)
    return {tag: [name for name in names if name] for tag, names in found.items()}


def _place(segments: Sequence[Segment], address: int) -> int | None:
    """Where in the file the byte is that will be at ``address``."""
    for segment in segments:
        if segment.type == _LOAD and segment.address <= address < segment.address + segment.size:
            return segment.offset + address - segment.address
    return None


def _string(text: bytes, start: int) -> str:
    """The text from ``start`` up to its zero byte; empty without one."""
    end = text.find(b"\0", start, start + _LONGEST_NAME) if start < len(text) else -1
    return text[start:end].decode("utf-8", "surrogateescape") if end > start else ""


def _directories(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for value in values for part in value.split(":") if part)
