"""Blobs on their way into the store: kept through an interruption, fetched by one process at a time, hashed once.

A part is ``lissom/ingest/ALGORITHM-HEX.part``. Its bytes are always the beginning of the blob, so its size is where the
next attempt goes on, whatever killed the last one. The lock is on the file itself and ends with the process.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import BinaryIO, cast

from lissom.errors import IntegrityError, StoreError
from lissom.events import Decision, Listener
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.store.files import fresh, storing
from lissom.store.writer import install

__all__ = ["Ingest", "Part", "WrongBytesError"]

_CHUNK = 1 << 20
_POLL = 0.05
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Ingest:
    """Where parts are, and where they become blobs."""

    root: Path
    blobs: Path
    folder: Path
    temporary: Path

    def path(self, digest: Digest) -> Path:
        """Where the part of a blob is, or would be."""
        return self.folder / f"{digest.algorithm}-{digest.hex}.part"

    @contextmanager
    def receiving(self, descriptor: Descriptor, listener: Listener, stopped: Callable[[], bool]) -> Iterator[Part]:
        """The part of a blob, which nobody else has until the block is left. Raises StoreError."""
        with storing(self.root, f"blob `{descriptor.digest}`"):
            path, file = self._mine(descriptor, listener, stopped)
        part = Part(descriptor, self, path, file)
        try:
            yield part
        finally:
            part.close()

    def _mine(self, descriptor: Descriptor, listener: Listener, stopped: Callable[[], bool]) -> tuple[Path, int]:
        """A part with its lock. One whose owner makes no progress is left to it: a file of our own is used then."""
        path = self.path(descriptor.digest)
        told, seen, since = False, -1, time.monotonic()
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if _taken(file, path):
                return path, file
            size = os.fstat(file).st_size
            os.close(file)
            if stopped():
                raise StoreError("cannot go on: the transfer was stopped")
            if not told:
                listener(Decision(descriptor.digest.short, "another lissom fetches it: waiting for that", telling=True))
                told = True
            if size != seen:
                seen, since = size, time.monotonic()
            elif time.monotonic() - since > _PATIENCE:
                listener(Decision(descriptor.digest.short, "the other lissom stands still: fetching it here"))
                path = fresh(self.temporary, "blob-")
                continue
            time.sleep(_POLL)


def _taken(file: int, path: Path) -> bool:
    """Whether ``file`` is locked now and still what ``path`` names: whoever had it may have made it a blob."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


class WrongBytesError(IntegrityError):
    """What came is not the blob; ``cause`` says why without naming it."""

    def __init__(self, digest: Digest, cause: str) -> None:
        super().__init__(f"cannot store `{digest}`: {cause}")
        self.cause = cause


class Part:
    """What is there of one blob: ``offset`` bytes, with ``there`` all of it. One thread receives, others may follow."""

    def __init__(self, descriptor: Descriptor, ingest: Ingest, path: Path, file: int) -> None:
        self._wanted = descriptor
        self._root = ingest.root
        self._blobs = ingest.blobs
        self._path = path
        self._kept = path.parent == ingest.folder
        self._file = file
        self._change = Condition()
        self._attempt = 0
        self._ended = False
        blob = self._blob()
        self.there = blob.exists() and blob.stat().st_size == descriptor.size
        self.offset = os.fstat(file).st_size
        if self.there or self.offset > descriptor.size:
            self._empty()

    def receive(self, stream: BinaryIO) -> None:
        """Append ``stream``, which begins at ``offset``, and make the whole a blob, synced.

        Raises WrongBytesError when size or digest are: then nothing is kept. Any other failure keeps what came.
        """
        try:
            hasher = self._wanted.digest.hasher()
            self._hash_again(hasher)
            self._append(stream, hasher)
            self._check(hasher)
            with storing(self._root, f"blob `{self._wanted.digest}`"):
                os.fdatasync(self._file)
                install(self._path, self._blobs, self._wanted.digest)
        except BaseException as error:
            self._broken(isinstance(error, IntegrityError))
            raise
        with self._change:
            self.there = self._ended = True
            self._change.notify_all()

    def follow(self) -> BinaryIO:
        """The blob from its first byte, as far as it came; waits for more. Unverified, like all that arrives.

        Its reader gets a StoreError when the attempt that is under way, or the next one when none is, fails.
        """
        return cast("BinaryIO", _Following(self, self._attempt))

    def close(self) -> None:
        """Let others have what is there. What has no bytes, or no name to find it by, is removed."""
        with self._change:
            if not self._ended:
                self._attempt += 1
                if self.offset == 0 or not self._kept:
                    self._path.unlink(missing_ok=True)
            self._change.notify_all()
            # A child that was forked meanwhile has the same open file: closing alone would leave it the lock.
            fcntl.flock(self._file, fcntl.LOCK_UN)
            os.close(self._file)
            self._file = -1

    def _blob(self) -> Path:
        return self._blobs / self._wanted.digest.algorithm / self._wanted.digest.hex

    def _hash_again(self, hasher: hashlib._Hash) -> None:
        at, buffer = 0, bytearray(_CHUNK)
        while at < self.offset:
            count = os.preadv(self._file, [buffer], at)
            if count == 0:
                raise self._wrong("the part that came before was cut short")
            hasher.update(memoryview(buffer)[:count])
            at += count

    def _append(self, stream: BinaryIO, hasher: hashlib._Hash) -> None:
        while data := stream.read(_CHUNK):
            if self.offset + len(data) > self._wanted.size:
                raise self._wrong(f"more bytes than {self._wanted.size} came")
            hasher.update(data)
            left = memoryview(data)
            while left:
                with storing(self._root, f"blob `{self._wanted.digest}`"):
                    count = os.pwrite(self._file, left, self.offset)
                left = left[count:]
                with self._change:
                    self.offset += count
                    self._change.notify_all()

    def _check(self, hasher: hashlib._Hash) -> None:
        if self.offset != self._wanted.size:
            raise self._wrong(f"{self.offset} bytes came instead of {self._wanted.size}")
        if hasher.hexdigest() != self._wanted.digest.hex:
            raise self._wrong(f"its digest is {self._wanted.digest.algorithm}:{hasher.hexdigest()}")

    def _wrong(self, cause: str) -> WrongBytesError:
        return WrongBytesError(self._wanted.digest, cause)

    def _broken(self, wrong: bool) -> None:
        with self._change:
            self._attempt += 1
            if wrong:
                self._empty()
            self._change.notify_all()

    def _empty(self) -> None:
        os.ftruncate(self._file, 0)
        self.offset = 0

    def wait(self, attempt: int, at: int) -> int:
        """How many bytes there are behind ``at``, when there are some; 0 at the blob's end. Raises StoreError."""
        with self._change:
            self._change.wait_for(lambda: self._ended or self._attempt != attempt or self.offset > at)
            if self._attempt != attempt:
                raise StoreError(f"cannot read `{self._wanted.digest}`: its transfer failed")
            return self.offset - at

    def reopen(self) -> int:
        """The file to read by position; the caller closes it."""
        with self._change:
            return os.dup(self._file) if self._file >= 0 else os.open(self._blob(), os.O_RDONLY | os.O_CLOEXEC)


class _Following(io.RawIOBase):
    """Reads a part behind whoever receives it. Its file is opened with the first read: many may wait for their turn."""

    def __init__(self, part: Part, attempt: int) -> None:
        super().__init__()
        self._part = part
        self._attempt = attempt
        self._at = 0
        self._file = -1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stubs' Buffer has no length
        left = self._part.wait(self._attempt, self._at)
        if not left:
            return 0
        if self._file < 0:
            self._file = self._part.reopen()
        count = os.preadv(self._file, [memoryview(buffer)[:left]], self._at)
        self._at += count
        return count

    def close(self) -> None:
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
            self._file = -1
        super().close()
