"""A blob on its way from a registry: bytes that nobody has verified, from whoever goes on giving them."""

from __future__ import annotations

import io

from lissom.errors import IntegrityError
from lissom.oci.document import Descriptor
from lissom.registry.reading.body import Body
from lissom.registry.reading.course import Course
from lissom.registry.reading.ranges import CHUNK, Ranges
from lissom.registry.reading.sources import Sources
from lissom.registry.reading.stretch import Stretch

__all__ = ["Fetching"]

_PIECE = 1 << 20
# A blob with more than this left is asked for in parts, to see whether more connections would help.
_LARGE = 8 << 20
_PART = 64 << 20
# One connection that gives this many bytes a second is enough: more would only cost.
_FAST = 60e6


class Fetching(io.RawIOBase):
    """Bytes ``start`` to the end of one blob, exactly that many.

    What breaks off goes on by a Range request, at the next place that has the blob. A large blob comes over several
    connections where one is not fast. Raises RegistryError when all give up for good, IntegrityError for a blob of
    another size. The bytes are as they came: the digest is the reader's business, who says ``distrust`` when it is
    wrong.
    """

    def __init__(self, descriptor: Descriptor, sources: Sources, *, start: int = 0) -> None:
        super().__init__()
        self._wanted = descriptor
        self._course = Course(descriptor, sources, start)
        self._connections = sources.session.connections
        self._connections.join()
        self._joined = True
        self._at = start
        self._leg: Stretch | Ranges | None = None
        self._last: Body | None = None
        try:
            if start < descriptor.size or descriptor.size == 0:
                small = descriptor.size - start <= _LARGE
                self._leg = self._stretch(descriptor.size if small else start + CHUNK)
        except BaseException:
            self._finish()
            raise

    def distrust(self) -> bool:
        """Say that the bytes were wrong: who gave them is put back. True when somebody is left to give them anew."""
        return self._course.distrust()

    def wrong(self, cause: str) -> IntegrityError:
        """The error for bytes that are not the blob's, naming where the first of them came from."""
        if self._last:
            return self._last.wrong(cause)
        return IntegrityError(f"cannot pull `{self._wanted.digest}`: {cause}")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stubs' Buffer has no length
        piece = self._next(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self._next(_PIECE), b""))
        return self._next(size)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_joined"):
            self._finish()
        super().close()

    def _next(self, size: int) -> bytes:
        while self._leg and size:
            if piece := self._leg.read(min(size, _PIECE)):
                self._at += len(piece)
                return piece
            self._turn()
        return b""

    def _turn(self) -> None:
        """Begin the next leg, or be done."""
        leg, self._leg = self._leg, None
        if leg is None or self._at >= self._wanted.size:
            self._finish(leg)
            return
        leg.leave()
        if isinstance(leg, Ranges):  # ended early: from here on one answer has to do
            self._leg = self._stretch(self._wanted.size)
        elif leg.body.rate() >= _FAST:
            self._leg = self._stretch(self._at + _PART)
        elif self._connections.free():
            self._leg = Ranges(self._course, self._connections, self._at, self._wanted.size)
        else:
            self._leg = self._stretch(self._at + 4 * CHUNK)

    def _stretch(self, end: int) -> Stretch:
        stretch = Stretch(self._course, self._at, min(end, self._wanted.size))
        if not stretch.body.partial:
            stretch.extend(self._wanted.size)
        self._last = stretch.body
        return stretch

    def _finish(self, leg: Stretch | Ranges | None = None) -> None:
        leg, self._leg = leg or self._leg, None
        if isinstance(leg, Stretch):
            self._last = leg.body
        if leg:
            leg.leave()
        if self._joined:
            self._joined = False
            self._connections.leave()
            self._course.end()
