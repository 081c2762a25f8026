"""Several stretches of a large blob at once, over several connections, given out in order."""

from __future__ import annotations

from threading import Condition, Thread

from lissom.registry.connections import Connections
from lissom.registry.reading.course import Course
from lissom.registry.reading.stretch import Stretch

__all__ = ["CHUNK", "Ranges"]

CHUNK = 4 << 20
_PIECE = 256 << 10
# Chunks that wait for the reader, beside those on the way.
_AHEAD = 2


class Ranges:
    """Bytes ``start`` to ``end`` of a blob in chunks, each fetched by one of some threads.

    At most two chunks more than there are threads are held. It ends early, where ``at`` says, when a server turns out
    to know no ranges. Raises what the fetching of a chunk raised, when it is that chunk's turn.
    """

    def __init__(self, course: Course, connections: Connections, start: int, end: int) -> None:
        self.at = start
        self._course = course
        self._connections = connections
        self._end = end
        self._next = start
        self._chunks: dict[int, bytearray | Exception | None] = {}
        self._change = Condition()
        self._workers = 0
        self._stopped = False
        self._view = memoryview(b"")
        self._spent: list[bytearray] = []  # buffers for further chunks: fresh ones cost page faults
        self._hire()

    def read(self, size: int) -> bytes:
        """Some bytes; none at the end, or where it ends early."""
        if not self._view:
            self._view = self._turn()
        piece = bytes(self._view[:size])
        self._view = self._view[len(piece) :]
        self.at += len(piece)
        return piece

    def leave(self) -> None:
        """Be done; what is on the way is dropped when its thread next looks up."""
        with self._change:
            self._stopped = True
            self._chunks.clear()
            self._change.notify_all()

    def _turn(self) -> memoryview:
        """The chunk that comes next, when it is there."""
        used = self._view.obj
        self._hire()
        with self._change:
            if isinstance(used, bytearray):
                self._spent.append(used)
            self._change.wait_for(lambda: self._chunks.get(self.at) is not None or self._over())
            found = self._chunks.pop(self.at, b"")
            self._change.notify_all()
        if isinstance(found, Exception):
            raise found
        return memoryview(found or b"")[: self._end - self.at]

    def _over(self) -> bool:
        return self.at not in self._chunks and (self.at >= self._end or self._stopped)

    def _hire(self) -> None:
        """One thread in any case, on the blob's own connection; more as connections are free."""
        with self._change:
            left = -(-(self._end - self._next) // CHUNK)
            while left > 0 and not self._stopped and (self._workers == 0 or self._connections.spare()):
                Thread(target=self._work, args=(self._workers > 0,), name="range", daemon=True).start()
                self._workers += 1
                left -= 1

    def _work(self, extra: bool) -> None:
        try:
            while (start := self._take(extra)) is not None:
                chunk = self._attempt(start)
                with self._change:
                    if chunk is None:
                        self._chunks.pop(start, None)
                        self._stopped = True
                    elif start in self._chunks:
                        self._chunks[start] = chunk
                    self._change.notify_all()
        finally:
            if extra:
                self._connections.leave()
            with self._change:
                self._workers -= 1

    def _take(self, extra: bool) -> int | None:
        """The start of the next chunk that nobody fetches yet, when there is room for it."""
        with self._change:
            self._change.wait_for(lambda: self._stopped or len(self._chunks) < self._workers + _AHEAD)
            if self._stopped or self._next >= self._end or (extra and self._connections.crowded()):
                return None
            start, self._next = self._next, min(self._next + CHUNK, self._end)
            self._chunks[start] = None
            return start

    def _attempt(self, start: int) -> bytearray | Exception | None:
        try:
            return self._fetch(start, min(start + CHUNK, self._end))
        except Exception as error:  # noqa: BLE001 - raised where its turn comes
            return error

    def _buffer(self) -> bytearray:
        with self._change:
            return self._spent.pop() if self._spent else bytearray(CHUNK)

    def _fetch(self, start: int, end: int) -> bytearray | None:
        stretch = Stretch(self._course, start, end)
        try:
            if not stretch.body.partial:
                return None
            data = self._buffer()
            view = memoryview(data)[: end - start]
            while not self._stopped and (piece := stretch.read(_PIECE)):
                view[: len(piece)] = piece
                view = view[len(piece) :]
            return data if not view else None
        finally:
            stretch.leave()
