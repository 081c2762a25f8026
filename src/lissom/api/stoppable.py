"""A stream that breaks off when the whole transfer has failed."""

from __future__ import annotations

import io
from threading import Event
from typing import BinaryIO

from lissom.errors import RegistryError

__all__ = ["Stoppable"]


class Stoppable(io.RawIOBase):
    """``stream``, which is closed with this one; reading raises RegistryError once ``stop`` is set."""

    def __init__(self, stream: BinaryIO, stop: Event) -> None:
        super().__init__()
        self._stream = stream
        self._stop = stop

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if self._stop.is_set():
            raise RegistryError("cannot go on: the transfer was stopped")
        return self._stream.read(size)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
