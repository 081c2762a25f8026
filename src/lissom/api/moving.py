"""Blobs on the move, several at once."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from threading import Event
from typing import BinaryIO, cast

from lissom.archive.docker import DockerArchiveWriter
from lissom.archive.oci import OciArchiveWriter
from lissom.errors import RegistryError
from lissom.image.image import Blobs, Images
from lissom.oci.document import Descriptor
from lissom.registry.client import Registry

__all__ = ["Arrival", "move_all"]

_AT_ONCE = 4

Arrival = Callable[[Descriptor, BinaryIO], AbstractContextManager[BinaryIO]]
"""Puts something between a layer's stream and its reader, for as long as the layer moves."""


def move_all(blobs: list[Descriptor], source: Blobs, sink: Images, arrival: Arrival) -> list[tuple[Descriptor, bool]]:
    stop = Event()
    # An archive is written front to back: one at a time, so that the same images make the same bytes.
    at_once = 1 if isinstance(sink, (DockerArchiveWriter, OciArchiveWriter)) else _AT_ONCE
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="transfer")
    try:
        # Big ones first: a big one that starts last keeps everybody waiting.
        order = sorted(blobs, key=lambda blob: -blob.size)
        futures = {pool.submit(_move, blob, source, sink, stop, arrival): blob for blob in order}
        return [(futures[done], done.result()) for done in as_completed(futures)]
    finally:
        # After a failure, or ^C, the others need not finish: nothing of theirs would be used.
        stop.set()
        pool.shutdown(cancel_futures=True)


def _move(blob: Descriptor, source: Blobs, sink: Images, stop: Event, arrival: Arrival) -> bool:
    def opened() -> BinaryIO:
        return cast(BinaryIO, _Stoppable(source.open(blob), stop))

    if isinstance(sink, Registry):
        return sink.upload(blob, opened)
    if sink.has(blob.digest):
        return False
    with opened() as stream, arrival(blob, stream) as shown:
        sink.put(blob, shown)
    return True


class _Stoppable(io.RawIOBase):
    """A stream that breaks off when the whole transfer has failed."""

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
