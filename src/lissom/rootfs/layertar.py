"""A changeset as a layer tar: sorted, bare of what varies, the same bytes for the same changeset."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from lissom.errors import IntegrityError
from lissom.rootfs.ahead import CHUNK
from lissom.rootfs.compress import Sink
from lissom.rootfs.entry import Entry, HostFile, Kind
from lissom.rootfs.header import BLOCK, ZERO, Header, pack_header
from lissom.rootfs.tree import Changeset

__all__ = ["write_layer"]

_TYPES = {
    Kind.FILE: b"0", Kind.HARDLINK: b"1", Kind.SYMLINK: b"2", Kind.CHARACTER: b"3", Kind.BLOCK: b"4",
    Kind.DIRECTORY: b"5", Kind.FIFO: b"6",
}  # fmt: skip
_LARGE = 1 << 16
_WHITEOUT = Header(b"", 0, 0, 0, 0, 0, b"0", b"", (0, 0))


@dataclass(slots=True)
class _Buffer:
    out: Sink
    data: bytearray

    def add(self, data: bytes) -> None:
        if len(data) < _LARGE:
            self.data += data
            if len(self.data) >= CHUNK:
                self.flush()
        else:
            self.flush()
            self.out.write(data)

    def flush(self) -> None:
        if self.data:
            self.out.write(bytes(self.data))
            self.data.clear()

    def end(self) -> None:
        self.add(2 * ZERO)
        self.flush()


def write_layer(changeset: Changeset, out: Sink, *, timestamp: int | None = None) -> None:
    """Write ``changeset`` as a tar whose bytes depend on it and on ``timestamp`` only.

    Paths are sorted, the whiteouts of a directory before its entries; of the names of one inode the first is the file.
    PAX headers appear only where ustar does not do. Times later than ``timestamp`` become it. Nothing of the content
    is held in memory. Raises IntegrityError for a real file named ``.wh.*`` and for a file that changes its size
    while it is read.
    """
    buffer = _Buffer(out, bytearray())
    first: dict[str, str] = {}
    for key, path in sorted(_members(changeset)):
        if key != path:
            buffer.add(_whiteout(path, opaque=key.endswith("\0")))
            continue
        entry = changeset.entries[path]
        target = first.setdefault(entry.inode, path) if entry.inode and not entry.is_directory else path
        try:
            buffer.add(_header(entry, target, timestamp))
            if entry.kind is Kind.FILE and target == path:
                _copy(entry, buffer)
        except IntegrityError as error:
            raise IntegrityError(f"cannot pack `/{path}`: {error.message}") from error
    buffer.end()


def _members(changeset: Changeset) -> list[tuple[str, str]]:
    """Sort key and path of each member; a whiteout's key differs from its path and sorts before siblings."""
    members = [(path, path) for path in changeset.entries]
    for path in changeset.whiteouts:
        parent, slash, name = path.rpartition("/")
        members.append((f"{parent}{slash}\0{name}", path))
    members += [(f"{path}/\0" if path else "\0", path) for path in changeset.opaques]
    return members


def _encoded(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _whiteout(path: str, *, opaque: bool) -> bytes:
    if opaque:
        name = f"{path}/.wh..wh..opq" if path else ".wh..wh..opq"
    else:
        parent, slash, base = path.rpartition("/")
        name = f"{parent}{slash}.wh.{base}"
    return pack_header(_WHITEOUT._replace(name=_encoded(name)), {})


def _header(entry: Entry, target: str, timestamp: int | None) -> bytes:
    path, kind = entry.path, entry.kind
    if path.startswith(".wh.") or "/.wh." in path:
        raise IntegrityError("a layer cannot hold a file whose name begins with `.wh.`")
    mtime = entry.mtime if timestamp is None else min(entry.mtime, timestamp)
    name = _encoded(path)
    if kind is Kind.DIRECTORY:
        name = name + b"/" if name else b"./"
    link = _encoded(entry.link) if kind in (Kind.SYMLINK, Kind.HARDLINK) else b""
    device = entry.device if kind in (Kind.CHARACTER, Kind.BLOCK) else (0, 0)
    size, type_ = (entry.size if kind is Kind.FILE else 0), _TYPES[kind]
    xattrs = entry.xattrs
    if target != path:
        type_, link, size, device, xattrs = b"1", _encoded(target), 0, (0, 0), {}
    return pack_header(Header(name, entry.mode, entry.uid, entry.gid, size, mtime, type_, link, device), xattrs)


def _copy(entry: Entry, buffer: _Buffer) -> None:
    if entry.content is None:
        if entry.size:
            raise IntegrityError("its content is not at hand")
        return
    if isinstance(entry.content, HostFile):
        left = _copy_host(entry.content, entry.size, buffer)
    else:
        with entry.content.open() as stream:
            left = _copy_stream(stream, entry.size, buffer)
    if left:
        raise IntegrityError("its size changed while it was read")
    if padding := -entry.size % BLOCK:
        buffer.add(bytes(padding))


def _copy_host(content: HostFile, left: int, buffer: _Buffer) -> int:
    """Copy by plain reads: a buffered file object costs more than a small file's bytes. What is missing or too much."""
    fd = content.descriptor()
    try:
        while data := os.read(fd, wanted := min(left + 1, CHUNK)):
            left -= len(data)
            if left < 0:
                break
            buffer.add(data)
            if len(data) < wanted:  # the end of the file: its bytes come whole
                break
        return left
    finally:
        os.close(fd)


def _copy_stream(stream: BinaryIO, left: int, buffer: _Buffer) -> int:
    while data := stream.read(min(left + 1, CHUNK)):
        left -= len(data)
        if left < 0:
            break
        buffer.add(data)
    return left
