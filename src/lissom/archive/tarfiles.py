"""The outer tar of an archive: members by name, and members written one after the other."""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import stat
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from lissom.errors import IntegrityError, StoreError
from lissom.rootfs.compress import decompressed

__all__ = ["Members", "TarWriter", "seekable"]

_CHUNK = 1 << 20
_MEMBERS = 100_000
_LINKS = 16


class _Slice(io.RawIOBase):
    """A part of an open file, read without moving the file's own position: several may be read at once."""

    def __init__(self, file: int, offset: int, size: int) -> None:
        super().__init__()
        self._file = file
        self._next = offset
        self._end = offset + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = os.pread(self._file, min(len(buffer), self._end - self._next), self._next)
        self._next += len(data)
        buffer[: len(data)] = data
        return len(data)


def slice_of(file: BinaryIO, offset: int, size: int) -> BinaryIO:
    """``size`` bytes of ``file`` from ``offset``."""
    return cast("BinaryIO", io.BufferedReader(_Slice(file.fileno(), offset, size), _CHUNK))


class Members:
    """The regular files of a tar by name; links between them are followed. ``file`` stays open meanwhile."""

    def __init__(self, file: BinaryIO, origin: str) -> None:
        self._file = file
        self.origin = origin
        self._places: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                for member in tar:
                    self._note(member)
        except (tarfile.TarError, ValueError, OverflowError) as error:
            raise IntegrityError(f"cannot read `{origin}`: it is not a whole tar ({error})") from error

    def _note(self, member: tarfile.TarInfo) -> None:
        name = _clean(member.name)
        if len(self._places) >= _MEMBERS:
            raise IntegrityError(f"cannot read `{self.origin}`: it has more than {_MEMBERS} members")
        if member.isreg() and not member.sparse:
            self._places[name] = (member.offset_data, member.size)
        elif member.issym():
            self._links[name] = _clean(str(PurePosixPath(name).parent / member.linkname))
        elif member.islnk():
            self._links[name] = _clean(member.linkname)

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    def names(self) -> Iterator[str]:
        """The regular files, in the order of the tar."""
        return iter(self._places)

    def size(self, name: str) -> int:
        """Bytes of a member. Raises IntegrityError when it is missing."""
        return self._get(name)[1]

    def open(self, name: str) -> BinaryIO:
        """A member's bytes. Raises IntegrityError when it is missing."""
        return slice_of(self._file, *self._get(name))

    def read(self, name: str, limit: int = 64 << 20) -> bytes:
        """A small member whole."""
        if self.size(name) > limit:
            raise IntegrityError(f"cannot read `{name}` of `{self.origin}`: it is larger than {limit} bytes")
        with self.open(name) as stream:
            return stream.read()

    def _get(self, name: str) -> tuple[int, int]:
        found = self._find(name)
        if found is None:
            raise IntegrityError(f"cannot read `{self.origin}`: `{name}` is missing in it")
        return found

    def _find(self, name: str) -> tuple[int, int] | None:
        name = _clean(name)
        for _ in range(_LINKS):
            if name not in self._links:
                return self._places.get(name)
            name = self._links[name]
        return None


def _clean(name: str) -> str:
    return os.path.normpath(f"/{name}").lstrip("/")


@contextmanager
def seekable(source: Path | BinaryIO, scratch: Path) -> Iterator[BinaryIO]:
    """An archive as an uncompressed file one can seek in; a pipe or compressed one is spooled to ``scratch`` first."""
    with source.open("rb") if isinstance(source, Path) else _kept(source) as file:
        if file.seekable():
            head = file.read(4)
            file.seek(-len(head), os.SEEK_CUR)
            if not head.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
                yield file
                return
        with tempfile.TemporaryFile(dir=scratch) as spool:
            shutil.copyfileobj(decompressed(file), spool, _CHUNK)
            spool.seek(0)
            yield cast("BinaryIO", spool)


@contextmanager
def _kept(stream: BinaryIO) -> Iterator[BinaryIO]:
    yield stream


class TarWriter:
    """Write members one after the other, reproducibly. Where ``out`` can seek, sizes need not be known before."""

    def __init__(self, out: BinaryIO, scratch: Path) -> None:
        self.out = out
        self._scratch = scratch
        self._seeks = _rewrites(out)
        self._lock = threading.Lock()
        self.places: dict[str, tuple[int, int]] = {}

    def add(self, fill: Callable[[BinaryIO], str]) -> str:
        """Append what ``fill`` writes under the name that it returns. Nothing is kept when it raises."""
        with self._lock:
            return self._patched(fill) if self._seeks else self._spooled(fill)

    def add_bytes(self, name: str, data: bytes) -> None:
        """Append a small member."""

        def fill(out: BinaryIO) -> str:
            out.write(data)
            return name

        self.add(fill)

    def close(self) -> None:
        """Write the end of the tar. The file stays open."""
        self.out.write(bytes(1024))
        self.out.flush()

    def _patched(self, fill: Callable[[BinaryIO], str]) -> str:
        start = self.out.tell()
        try:
            self.out.write(bytes(512))
            name = fill(self.out)
            end = self.out.tell()
            size = end - start - 512
            self.out.write(bytes(-size % 512))
            self.out.seek(start)
            self.out.write(_header(name, size))
        except BaseException:
            self.out.seek(start)
            self.out.truncate()
            raise
        self.out.seek(0, os.SEEK_END)
        self.places[name] = (start + 512, size)
        return name

    def _spooled(self, fill: Callable[[BinaryIO], str]) -> str:
        with tempfile.TemporaryFile(dir=self._scratch) as spool:
            name = fill(cast("BinaryIO", spool))
            size = spool.tell()
            spool.seek(0)
            self.out.write(_header(name, size))
            shutil.copyfileobj(spool, self.out, _CHUNK)
            self.out.write(bytes(-size % 512))
        self.places[name] = (-1, size)
        return name

    def open(self, name: str) -> BinaryIO:
        """What was written under a name. Raises StoreError where ``out`` cannot be read back."""
        offset, size = self.places[name]
        if offset < 0:
            raise StoreError(f"cannot read `{name}` back: the archive was written to a pipe")
        with self._lock:
            self.out.flush()
        return slice_of(self.out, offset, size)


def _rewrites(out: BinaryIO) -> bool:
    """Whether what was written can be gone back to: not in pipes and devices, nor in files opened to append."""
    try:
        number = out.fileno()
    except OSError:
        return out.seekable()
    plain = stat.S_ISREG(os.fstat(number).st_mode)
    return plain and not fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    return member.tobuf(format=tarfile.GNU_FORMAT)
