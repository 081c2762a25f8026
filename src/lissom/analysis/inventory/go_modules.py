"""Go programs: the modules they were linked of, as Go's linker writes them down (its package debug/buildinfo)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lissom.analysis.bytes_at import BytesAt
from lissom.analysis.elf_layout import Header
from lissom.analysis.root import Root
from lissom.rootfs.entry import Content, Kind

__all__ = ["Module", "read_go"]

_MAGIC = b"\xff Go buildinf:"
_HEAD = 32
_INLINE = 2
_SENTINEL = 16
_LARGEST = 4 << 20
_LONGEST_TABLE = 1 << 16


@dataclass(frozen=True, slots=True)
class Module:
    """One module of the program ``path``, the program's own first; Go's library is called stdlib."""

    path: str
    name: str
    version: str


def read_go(root: Root) -> Iterator[Module]:
    """Every module of every program of the tree that Go 1.18 or newer has linked; programs are executable files."""
    seen: set[str] = set()
    for path, entry in root.tree.items():
        fresh = not entry.inode or entry.inode not in seen
        if entry.kind is Kind.FILE and entry.mode & 0o111 and entry.content is not None and fresh:
            seen.add(entry.inode)
            compiler, text = _build_info(entry.content)
            modules = list(_modules(path, text))
            if modules and compiler.startswith("go"):
                modules.append(Module(path, "stdlib", compiler.removeprefix("go").split(" ")[0]))
            yield from modules


def _build_info(content: Content) -> tuple[str, str]:
    """The compiler's version and the list of modules, empty for whatever is no program of Go's."""
    with BytesAt(content) as data:
        header = Header.parse(data.read(0, 64))
        if header is None or not header.sections_length:
            return "", ""
        for section in header.sections(data.read(header.sections_at, min(header.sections_length, _LONGEST_TABLE))):
            # The first bytes tell which section it is: its name would cost another look.
            if section.type == 1 and section.size > _HEAD and data.read(section.offset, len(_MAGIC)) == _MAGIC:
                return _texts(data.read(section.offset, min(section.size, _LARGEST)))
    return "", ""


def _texts(info: bytes) -> tuple[str, str]:
    if len(info) < _HEAD or not info[15] & _INLINE:
        return "", ""
    version, rest = _counted(info[_HEAD:])
    modules, _ = _counted(rest)
    if len(modules) > 2 * _SENTINEL and modules[-_SENTINEL - 1 : -_SENTINEL] == b"\n":
        modules = modules[_SENTINEL:-_SENTINEL]
    return version.decode("utf-8", "replace"), modules.decode("utf-8", "replace")


def _counted(data: bytes) -> tuple[bytes, bytes]:
    """Bytes that follow their number, which is written seven bits a byte, and what is behind them."""
    count = 0
    for place, byte in enumerate(data[:5]):
        count |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return data[place + 1 : place + 1 + count], data[place + 1 + count :]
    return b"", b""


def _modules(path: str, text: str) -> Iterator[Module]:
    """Lines of words between tabs: ``mod`` is the program's own, ``=>`` stands in for the one before."""
    found: list[Module] = []
    for line in text.split("\n"):
        word, *rest = line.split("\t")
        if word not in ("mod", "dep", "=>") or not rest or not rest[0]:
            continue
        if word == "=>" and found:
            found.pop()
        version = rest[1] if len(rest) > 1 else ""
        found.append(Module(path, rest[0], "" if version == "(devel)" else version))
    yield from found
