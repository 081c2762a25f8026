"""Reading ahead in a thread, so that decompression and writing overlap."""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, BinaryIO

__all__ = ["CHUNK", "ReadAhead"]

CHUNK = 1 << 20
_DEPTH = 4


class ReadAhead(io.RawIOBase):
    """Reads ``source`` in a thread of its own, a few chunks ahead; ``tap`` sees every chunk there."""

    def __init__(self, source: BinaryIO, tap: Callable[[bytes], object] | None) -> None:
        self._source = source
        self._tap = tap
        self._chunks: deque[bytes | BaseException] = deque()
        self._change = threading.Condition()
        self._stopped = False
        self._rest = memoryview(b"")
        self._thread = threading.Thread(target=self._fill, name="read-ahead", daemon=True)
        self._thread.start()

    def _fill(self) -> None:
        chunk: bytes | BaseException = b"-"
        while chunk and not isinstance(chunk, BaseException):
            try:
                chunk = self._source.read(CHUNK)
                if self._tap:
                    self._tap(chunk)
            except BaseException as error:  # noqa: BLE001 - raised again where the stream is read
                chunk = error
            with self._change:
                self._change.wait_for(lambda: self._stopped or len(self._chunks) < _DEPTH)
                if self._stopped:
                    return
                self._chunks.append(chunk)
                self._change.notify_all()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            with self._change:
                self._change.wait_for(lambda: bool(self._chunks))
                chunk = self._chunks[0]
                if isinstance(chunk, BaseException):
                    raise chunk
                if not chunk:
                    return 0
                self._chunks.popleft()
                self._change.notify_all()
            self._rest = memoryview(chunk)
        count = min(len(self._rest), len(buffer))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        """Stop the thread and wait for it: the source is free afterwards."""
        with self._change:
            self._stopped = True
            self._change.notify_all()
        self._thread.join()
        super().close()
