"""Layers unpacked while they arrive: a build that will run in its base does not wait for the pull to end."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from threading import Event
from typing import BinaryIO, cast

from lissom.api.stoppable import Stoppable
from lissom.image.image import Layer, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, ImageConfig, Manifest
from lissom.store.partial import Part
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store

__all__ = ["Arriving"]


class Arriving:
    """What ``transfer`` tells of the layers of one image. The image's config is in the store before its layers.

    Unpackers read the files that the layers arrive in, so that slow ones hold no transfer up and need no memory for
    what they have not read; as many work at once as there are processors. What they unpacked counts only when its
    diff ID is right, whatever became of the blob.
    """

    def __init__(self, manifest: bytes, store: Store, snapshots: Snapshots) -> None:
        self._manifest = Manifest.parse(manifest)
        self._store = store
        self._snapshots = snapshots
        self._pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)), "unpack")
        self._stop = Event()
        self._jobs: dict[Digest, Future[None]] = {}

    def begin(self, blob: Descriptor, part: Part) -> None:
        """Unpack a layer that arrives; anything else is let pass."""
        layer = self._layers.get(blob.digest)
        if layer:
            self._jobs[blob.digest] = self._pool.submit(self._unpack, layer, part.follow())

    def finish(self) -> None:
        """Wait for all. Raises IntegrityError when a layer is not what the config says."""
        for job in self._jobs.values():
            job.result()

    def close(self) -> None:
        """End what is under way."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    @cached_property
    def _layers(self) -> dict[Digest, Layer]:
        config = ImageConfig.parse(read_blob(self._store, self._manifest.config))
        pairs = zip(self._manifest.layers, config.diff_ids, strict=False)
        return {descriptor.digest: Layer(descriptor, diff_id) for descriptor, diff_id in pairs}

    def _unpack(self, layer: Layer, stream: BinaryIO) -> None:
        with Stoppable(stream, self._stop) as stoppable:
            self._snapshots.ingest(layer, cast(BinaryIO, stoppable))
