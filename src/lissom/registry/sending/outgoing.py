"""The bytes of a blob on their way out: counted, hashed once however often parts are sent, shown to a listener."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import BinaryIO, cast

from lissom.errors import IntegrityError, LissomError
from lissom.events import BlobMoved, Listener
from lissom.oci.document import Descriptor

__all__ = ["OpenAt", "Outgoing", "skipped"]

_PIECE = 1 << 18
# A piece must be through within the deadline of one send: smaller ones where the line is slow.
_SMALL_PIECE = 1 << 15
_SLOW_SECONDS = 1.0
_SKIP = 1 << 20
_EVENT_SECONDS = 0.1

OpenAt = Callable[[int], BinaryIO]
"""Opens a blob for reading from an offset in bytes."""


class Outgoing:
    """One blob for as long as it is being sent; for one thread.

    ``body`` may be asked for parts again. The last byte is handed out only when all of them have the right digest, so
    that no registry ever gets the whole of a damaged blob. ``broken`` is what reading raised, if anything: it is of no
    use to send again then.
    """

    def __init__(self, descriptor: Descriptor, open_at: OpenAt, listener: Listener) -> None:
        self.descriptor = descriptor
        self.broken: LissomError | None = None
        self.furthest = 0
        self._open_at = open_at
        self._listener = listener
        self._hasher = descriptor.digest.hasher()
        self._stream: BinaryIO | None = None
        self._at = 0
        self._told = 0.0

    def body(self, start: int, size: int) -> BinaryIO:
        """``size`` bytes from ``start``, which is not beyond what was read before. No bytes are checked at once."""
        if self._stream is None or self._at != start:
            self.close()
            try:
                self._stream, self._at = self._open_at(start), start
            except LissomError as error:
                self.broken = error
                raise
        if self.descriptor.size == 0:
            self._check_end()
        return cast("BinaryIO", _Body(self, size))

    def close(self) -> None:
        """Close what is open of the source."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size``. Raises IntegrityError when they are not the blob's."""
        try:
            piece = self._checked(size)
        except LissomError as error:
            self.broken = error
            raise
        except OSError as error:
            # Not left to the HTTP client, which would take it for the connection's.
            self.broken = self._wrong(f"reading failed: {error.strerror or error}")
            raise self.broken from error
        self._tell()
        return piece

    def _checked(self, size: int) -> bytes:
        assert self._stream is not None
        piece = self._stream.read(size)
        total = self.descriptor.size
        if not piece:
            raise self._wrong(f"{self._at} bytes instead of {total}")
        if self._at + len(piece) > self.furthest:
            self._hasher.update(memoryview(piece)[self.furthest - self._at :])
            self.furthest = self._at + len(piece)
        self._at += len(piece)
        if self._at == total:
            self._check_end()
        return piece

    def _check_end(self) -> None:
        assert self._stream is not None
        if self._stream.read(1):
            raise self._wrong(f"more bytes instead of {self.descriptor.size}")
        wanted = self.descriptor.digest
        if self._hasher.hexdigest() != wanted.hex:
            raise self._wrong(f"its bytes have digest `{wanted.algorithm}:{self._hasher.hexdigest()}`")

    def _wrong(self, cause: str) -> IntegrityError:
        return IntegrityError(f"cannot push `{self.descriptor.digest}`: {cause}")

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told >= _EVENT_SECONDS or self._at == self.descriptor.size:
            self._told = now
            self._listener(BlobMoved("push", self.descriptor.digest.short, self._at, self.descriptor.size))


class _Body(io.RawIOBase):
    """A part of the blob as the HTTP client reads it. It cannot seek, so that nobody sends it twice unasked."""

    def __init__(self, outgoing: Outgoing, size: int) -> None:
        super().__init__()
        self._outgoing = outgoing
        self._left = size
        self._last = time.monotonic()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        # The HTTP client asks for 16 KiB at a time; big pieces cost a tenth of the calls.
        now = time.monotonic()
        wanted = _SMALL_PIECE if now - self._last > _SLOW_SECONDS else _PIECE
        self._last = now
        if not self._left or not size:
            return b""
        piece = self._outgoing.read(min(wanted, self._left))
        self._left -= len(piece)
        return piece


def skipped(stream: BinaryIO, count: int) -> BinaryIO:
    """``stream`` after its first ``count`` bytes, for sources that know no offsets."""
    while count > 0 and (piece := stream.read(min(count, _SKIP))):
        count -= len(piece)
    return stream
