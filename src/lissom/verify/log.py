"""What a container writes, of which only the beginning and the end are kept."""

from __future__ import annotations

import threading
from collections import deque

from lissom.verify.answer import Body

__all__ = ["Log"]

_BEGINNING = 256 << 10
_END = 512 << 10


class Log:
    """Both streams in the order they came. Fed by one thread, read by others; a flood costs no memory."""

    def __init__(self) -> None:
        self.out = Body()
        self.errors = Body()
        self._lock = threading.Lock()
        self._first = bytearray()
        self._last: deque[bytes] = deque()
        self._held = 0
        self._dropped = 0

    @property
    def size(self) -> int:
        """How many bytes came."""
        return self.out.size + self.errors.size

    def feed(self, stream: int, data: bytes) -> None:
        """Add what came on stream 1 or 2."""
        (self.out if stream == 1 else self.errors).feed(data)
        with self._lock:
            room = _BEGINNING - len(self._first)
            if room > 0:
                self._first += data[:room]
                data = data[room:]
            if data:
                self._last.append(data)
                self._held += len(data)
            while self._held > _END and len(self._last) > 1:
                gone = len(self._last.popleft())
                self._held -= gone
                self._dropped += gone

    def text(self) -> str:
        """What was kept; a line in brackets stands for what was not."""
        with self._lock:
            gap = b"\n[%d bytes left out]\n" % self._dropped if self._dropped else b""
            return (bytes(self._first) + gap + b"".join(self._last)).decode(errors="replace")

    def tail(self, lines: int = 12) -> str:
        """The last lines, each cut where it is long."""
        with self._lock:
            data = b"".join(self._last)[-16384:] or bytes(self._first[-16384:])
        found = data.decode(errors="replace").rstrip().splitlines()[-lines:]
        return "\n".join("".join(mark if mark.isprintable() else " " for mark in line[:300]) for line in found)
