"""Archives that users made: recognised by content, read as entries whose bytes stay in the archive.

Unlike a layer such an archive knows no whiteouts, and its compression may be anything that tar programs write.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import zstandard

from lissom.errors import StepError
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Tree

__all__ = ["read_archive", "tree_of_archive"]

_XATTR = "SCHILY.xattr."
_KINDS = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.AREGTYPE: Kind.FILE,
    tarfile.CONTTYPE: Kind.FILE,
    tarfile.GNUTYPE_SPARSE: Kind.FILE,
    tarfile.DIRTYPE: Kind.DIRECTORY,
    tarfile.SYMTYPE: Kind.SYMLINK,
    tarfile.CHRTYPE: Kind.CHARACTER,
    tarfile.BLKTYPE: Kind.BLOCK,
    tarfile.FIFOTYPE: Kind.FIFO,
}


@dataclass(frozen=True)
class _Member:
    """A piece of an open temporary file; the file lives as long as something can read it."""

    archive: _Plain
    offset: int
    size: int

    def open(self) -> BinaryIO:
        return io.BufferedReader(_Slice(self.archive, self.offset, self.size))


class _Plain:
    """A file without a name that holds a decompressed archive; it goes when nothing refers to it any more."""

    def __init__(self) -> None:
        self.handle, name = tempfile.mkstemp(prefix="lissom-archive-")
        os.unlink(name)

    def __del__(self) -> None:
        os.close(self.handle)

    def stream(self) -> BinaryIO:
        return os.fdopen(self.handle, "r+b", closefd=False)


class _Slice(io.RawIOBase):
    def __init__(self, archive: _Plain, offset: int, size: int) -> None:
        super().__init__()
        self._archive = archive
        self._at = offset
        self._end = offset + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._end - self._at)
        data = os.pread(self._archive.handle, wanted, self._at) if wanted > 0 else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def read_archive(entry: Entry) -> list[Entry] | None:
    """The entries of a tar (plain, gzip, bzip2, xz or zstd), in its order; None when the file is no archive.

    Raises StepError when an archive turns out to be damaged.
    """
    if entry.kind is not Kind.FILE or entry.content is None or entry.size == 0:
        return None
    with entry.content.open() as stream:
        if not _is_archive(stream):
            return None
    plain = _Plain()
    try:
        with entry.content.open() as stream, plain.stream() as out:
            shutil.copyfileobj(_decompressed(stream), out, 1 << 20)
        os.lseek(plain.handle, 0, os.SEEK_SET)
        with plain.stream() as file, tarfile.open(fileobj=file, mode="r:", errors="surrogateescape") as archive:
            return list(_entries(archive, plain))
    except (tarfile.TarError, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError) as error:
        raise StepError(f"cannot unpack `{entry.path}`: {error}") from error


def _is_archive(stream: BinaryIO) -> bool:
    try:
        start = _read_up_to(_decompressed(stream), 1 << 20)
        with tarfile.open(fileobj=io.BytesIO(start), mode="r:") as archive:
            return archive.next() is not None
    except (tarfile.TarError, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError):
        return False


def _read_up_to(stream: BinaryIO, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (part := stream.read(min(size, 65536))):
        parts.append(part)
        size -= len(part)
        if len(part) < 512 and not part.strip(b"\0"):
            break
    return b"".join(parts)


def _decompressed(stream: BinaryIO) -> BinaryIO:
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
    magic = buffered.peek(6)[:6]
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=buffered)  # type: ignore[return-value]
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(buffered)  # type: ignore[return-value]
    if magic.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMAFile(buffered)  # type: ignore[return-value]
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().stream_reader(buffered, read_across_frames=True)
    return buffered


def _entries(archive: tarfile.TarFile, plain: _Plain) -> Iterator[Entry]:
    by_path: dict[str, Entry] = {}
    for member in archive:
        path = _clean(member.name)
        if member.islnk():
            target = by_path.get(_clean(member.linkname))
            if target is None:
                raise tarfile.TarError(f"`{member.name}` links to `{member.linkname}`, which does not come before it")
            inode = target.inode or target.path
            linked = Entry(
                path, target.kind, target.mode, target.uid, target.gid, target.mtime, target.size, target.link,
                target.device, target.xattrs, inode, target.content,
            )  # fmt: skip
            by_path[path] = linked
            yield linked
            continue
        kind = _KINDS.get(member.type)
        if kind is None or member.issparse():
            raise tarfile.TarError(f"`{member.name}` is of a kind that cannot be unpacked")
        made = _entry(member, path, kind, plain)
        by_path[path] = made
        yield made


def _entry(member: tarfile.TarInfo, path: str, kind: Kind, plain: _Plain) -> Entry:
    is_file = kind is Kind.FILE
    device = (member.devmajor, member.devminor) if kind in (Kind.CHARACTER, Kind.BLOCK) else (0, 0)
    xattrs = {
        name.removeprefix(_XATTR): value.encode("utf-8", "surrogateescape")
        for name, value in member.pax_headers.items()
        if name.startswith(_XATTR)
    }
    return Entry(
        path,
        kind,
        member.mode & 0o7777,
        member.uid,
        member.gid,
        int(member.mtime),
        member.size if is_file else 0,
        member.linkname if kind is Kind.SYMLINK else "",
        device,
        xattrs,
        path if is_file else "",
        _Member(plain, member.offset_data, member.size) if is_file else None,
    )


def _clean(name: str) -> str:
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def tree_of_archive(entry: Entry) -> Tree | None:
    """The archive as a build context: all belongs to root, without extended attributes; None when it is no archive."""
    found = read_archive(entry)
    if found is None:
        return None
    entries: dict[str, Entry] = {}
    for member in found:
        above = parent_of(member.path)
        while above and (above not in entries or not entries[above].is_directory):
            entries[above] = Entry(above, Kind.DIRECTORY, 0o755)
            above = parent_of(above)
        inode = f"{entry.path}:{member.inode}" if member.inode else ""
        entries[member.path] = replace(member, uid=0, gid=0, xattrs={}, inode=inode)
    return Tree({path: made for path, made in entries.items() if not path or _is_reachable(entries, path)})


def _is_reachable(entries: dict[str, Entry], path: str) -> bool:
    """Whether every directory above ``path`` still is one: a later member may have put a file in its place."""
    above = parent_of(path)
    while above:
        if not entries[above].is_directory:
            return False
        above = parent_of(above)
    return True
