"""One file of a tree, and where its content comes from."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from lissom.errors import IntegrityError

__all__ = ["NO_DEVICE", "NO_XATTRS", "Content", "Entry", "FileSlice", "HostFile", "Inline", "Kind", "parent_of"]


class Kind(Enum):
    """What a path is. HARDLINK stands only for a link whose target is in a lower layer, until a tree resolves it."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    CHARACTER = "character"
    BLOCK = "block"
    FIFO = "fifo"


class Content(Protocol):
    """Where the bytes of a regular file are; every ``open`` starts at the first byte."""

    def open(self) -> BinaryIO: ...


@dataclass(frozen=True, slots=True)
class Inline:
    """Content that is at hand."""

    data: bytes

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


@dataclass(frozen=True, slots=True)
class HostFile:
    """Content of a regular file on this machine; a link put in its place is refused."""

    path: str | os.PathLike[str]

    def descriptor(self) -> int:
        """An open file descriptor, the caller's to close."""
        try:
            return os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise IntegrityError(f"cannot read `{self.path}`: {error.strerror}") from error

    def open(self) -> BinaryIO:
        return os.fdopen(self.descriptor(), "rb")


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Content that is ``size`` bytes at ``offset`` of a file on this machine, such as an unpacked tar."""

    path: Path
    offset: int
    size: int

    def open(self) -> BinaryIO:
        file = HostFile(self.path).descriptor()
        return io.BufferedReader(_Slice(file, self.offset, self.offset + self.size))


class _Slice(io.RawIOBase):
    def __init__(self, file: int, start: int, end: int) -> None:
        self._file = file
        self._first = start
        self._start = start
        self._end = end

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        place = (self._first, self._start, self._end)[whence] + offset
        self._start = min(max(place, self._first), self._end)
        return self._start - self._first

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._end - self._start]
        count = os.preadv(self._file, [view], self._start) if view else 0
        self._start += count
        return count

    def close(self) -> None:
        if not self.closed:
            os.close(self._file)
        super().close()


# Shared by the many entries that have none: an empty mapping each would take a tenth of an entry's memory.
NO_XATTRS: Mapping[str, bytes] = {}
NO_DEVICE = (0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a tree.

    ``path`` is relative and clean (no ``.``, ``..``, empty or trailing parts; ``""`` is the root); bytes that are no
    UTF-8 survive by surrogateescape. ``mode`` holds the lower 12 bits only, ``mtime`` is whole seconds since 1970,
    ``size`` is bytes. ``link`` is the target of a symlink (as written) or of an unresolved hard link (a clean path).
    Names whose ``inode`` is equal and not empty are one file; readers make inodes unique with an origin prefix.
    """

    path: str
    kind: Kind
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    size: int = 0
    link: str = ""
    device: tuple[int, int] = NO_DEVICE
    xattrs: Mapping[str, bytes] = field(default_factory=lambda: NO_XATTRS)
    inode: str = ""
    content: Content | None = None

    @property
    def is_directory(self) -> bool:
        return self.kind is Kind.DIRECTORY

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def parent_of(path: str) -> str:
    """The directory that ``path`` is in; the root is its own parent."""
    return path.rpartition("/")[0]
