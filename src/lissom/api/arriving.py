"""Layers unpacked while they arrive: a build that will run in its base does not wait for the pull to end."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from threading import Condition
from typing import BinaryIO, cast

from lissom.errors import RegistryError
from lissom.image.image import Layer, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, ImageConfig, Manifest
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store

__all__ = ["Arriving"]

_DEPTH = 16


class Arriving:
    """What ``transfer`` shows the layers of one image to. The image's config is in the store before its layers."""

    def __init__(self, manifest: Manifest, store: Store, snapshots: Snapshots) -> None:
        self._manifest = manifest
        self._store = store
        self._snapshots = snapshots

    @cached_property
    def _layers(self) -> dict[Digest, Layer]:
        config = ImageConfig.parse(read_blob(self._store, self._manifest.config))
        pairs = zip(self._manifest.layers, config.diff_ids, strict=False)
        return {descriptor.digest: Layer(descriptor, diff_id) for descriptor, diff_id in pairs}

    @contextmanager
    def __call__(self, blob: Descriptor, stream: BinaryIO) -> Iterator[BinaryIO]:
        """``stream``, whose reader shares what it reads with an unpacker; leaving waits for that one.

        What is unpacked counts only when its diff ID is right, whatever became of the blob. Raises IntegrityError.
        """
        layer = self._layers.get(blob.digest)
        if layer is None:
            yield stream
            return
        copied = _Copied(stream)
        with ThreadPoolExecutor(1, "unpack") as pool:
            unpacked = pool.submit(self._unpack, layer, copied.copy)
            try:
                yield cast(BinaryIO, copied)
                copied.copy.end()
            except BaseException:
                copied.copy.fail()
                raise
            unpacked.result()

    def _unpack(self, layer: Layer, copy: _Copy) -> None:
        try:
            self._snapshots.ingest(layer, cast(BinaryIO, copy))
        finally:
            copy.abandon()


class _Copied(io.RawIOBase):
    """A stream that puts what is read from it into ``copy`` too."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self.copy = _Copy()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.copy.add(data)
        return data


class _Copy(io.RawIOBase):
    """Bytes from one thread to another, a bounded number of them on the way."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: deque[bytes] = deque()
        self._change = Condition()
        self._ended = self._failed = self._unwanted = False

    def add(self, data: bytes) -> None:
        with self._change:
            self._change.wait_for(lambda: self._unwanted or len(self._chunks) < _DEPTH)
            if data and not self._unwanted:
                self._chunks.append(data)
                self._change.notify_all()

    def end(self) -> None:
        with self._change:
            self._ended = True
            self._change.notify_all()

    def fail(self) -> None:
        with self._change:
            self._failed = True
            self._change.notify_all()

    def abandon(self) -> None:
        """The reader is done: what else comes need not be kept."""
        with self._change:
            self._unwanted = True
            self._chunks.clear()
            self._change.notify_all()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        with self._change:
            self._change.wait_for(lambda: self._chunks or self._ended or self._failed)
            if self._failed:
                raise RegistryError("cannot unpack the layer: its transfer failed")
            if not self._chunks:
                return b""
            data = self._chunks.popleft()
            if 0 <= size < len(data):
                self._chunks.appendleft(data[size:])
                data = data[:size]
            self._change.notify_all()
            return data
