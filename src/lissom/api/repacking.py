"""Layers compressed anew on their way: the content keeps its diff ID, the blob gets another digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO, cast

from lissom.api.side_by_side import side_by_side
from lissom.api.stoppable import Stoppable
from lissom.errors import IntegrityError
from lissom.events import BlobMoved, Listener
from lissom.image.image import Blobs, Images
from lissom.oci.digest import Digest
from lissom.oci.document import DOCKER_LAYER, DOCKER_LAYER_GZIP, LAYER, LAYER_GZIP, LAYER_ZSTD, Descriptor
from lissom.registry.client import Registry
from lissom.registry.sending.writing import Sent
from lissom.rootfs.compress import Compression, compressed, decompressed
from lissom.store.cache import Cache
from lissom.store.files import fresh, storing
from lissom.store.store import Store

__all__ = ["LAYER_KINDS", "Packed", "Repacking", "Task"]

_CHUNK = 1 << 20
# Compressors bring threads of their own: a second layer only fills the gaps. zstd holds 75 MB even at level 3, and with
# each thread and level more: it gets one thread, and layers one after another.
_AT_ONCE = {"gzip": 2, "none": 2, "zstd": 1}
_ZSTD_WORKERS = 1

LAYER_KINDS = {
    LAYER: "none",
    DOCKER_LAYER: "none",
    LAYER_GZIP: "gzip",
    DOCKER_LAYER_GZIP: "gzip",
    LAYER_ZSTD: "zstd",
}
_MEDIA_TYPES = {"none": LAYER, "gzip": LAYER_GZIP, "zstd": LAYER_ZSTD}

Packed = tuple[Descriptor, Sent]
"""What became of a layer in a place, and how it came there."""


@dataclass(frozen=True, slots=True)
class Task:
    """A layer, the digest of its content, and how it shall be compressed."""

    layer: Descriptor
    diff_id: Digest
    compression: Compression

    @property
    def note(self) -> str:
        """What the result is remembered under."""
        return f"repacked {self.diff_id} {self.compression.kind}:{self.compression.effective_level}"


class Repacking:
    """Compresses layers for one transfer; ``store`` lends room for files, and remembers what came of which content.

    What is remembered is only believed where the place that it goes to has such a blob: then nothing is read at all.
    """

    def __init__(self, store: Store, listener: Listener) -> None:
        self._store = store
        self._cache = Cache(store)
        self._listener = listener

    def remembered(self, task: Task) -> Descriptor | None:
        """What the layer became when it was compressed so before."""
        digest, _, size = (self._cache.note(task.note) or "").partition(" ")
        return Descriptor(_MEDIA_TYPES[task.compression.kind], Digest(digest), int(size)) if size.isdecimal() else None

    def put_all(self, tasks: list[Task], source: Blobs, sink: Images) -> dict[Digest, Packed]:
        """Put every layer into ``sink``, compressed anew; gives what became of each, by the digest it had.

        Raises IntegrityError for a layer whose content is not what its config says, and what reading and writing raise.
        """
        stop = Event()
        done = side_by_side(
            sorted(tasks, key=lambda task: -task.layer.size),
            lambda task: self._put(task, source, sink, stop),
            source,
            sink,
            at_once=min((_AT_ONCE[task.compression.kind] for task in tasks), default=1),
            stop=stop,
        )
        return {task.layer.digest: packed for task, packed in done}

    def _put(self, task: Task, source: Blobs, sink: Images, stop: Event) -> Packed:
        before = self.remembered(task)
        if before and _holds(sink, before.digest):
            return before, Sent.PRESENT
        with self._packed(task, source, stop) as (path, descriptor):
            self._cache.remember_note(task.note, f"{descriptor.digest} {descriptor.size}")
            if isinstance(sink, Registry):
                return descriptor, sink.upload(descriptor, lambda start: _from(path, start, stop), stopped=stop.is_set)
            if sink.has(descriptor.digest):
                return descriptor, Sent.PRESENT
            with _from(path, 0, stop) as stream:
                sink.put(descriptor, stream)
            return descriptor, Sent.MOVED

    @contextmanager
    def _packed(self, task: Task, source: Blobs, stop: Event) -> Iterator[tuple[Path, Descriptor]]:
        """A layer compressed anew into a file that is there until the block is left."""
        path = fresh(self._store.temporary, "repack-")
        try:
            with storing(self._store.root, f"layer `{task.layer.digest}`"), path.open("xb", buffering=0) as file:
                out = _Hashed(file)
                with cast("BinaryIO", Stoppable(source.open(task.layer), stop)) as stream:
                    self._compress(task, stream, out)
            digest = Digest("sha256:" + out.hash.hexdigest())
            yield path, Descriptor(_MEDIA_TYPES[task.compression.kind], digest, out.size)
        finally:
            path.unlink(missing_ok=True)

    def _compress(self, task: Task, stream: BinaryIO, out: _Hashed) -> None:
        content, size = task.diff_id.hasher(), 0
        with (
            compressed(out, task.compression, workers=_ZSTD_WORKERS) as packer,
            decompressed(stream, threaded=True) as plain,
        ):
            while chunk := plain.read(_CHUNK):
                content.update(chunk)
                packer.write(chunk)
                size += len(chunk)
                self._listener(BlobMoved("pack", task.layer.digest.short, size, None))
        if content.hexdigest() != task.diff_id.hex:
            raise IntegrityError(
                f"cannot compress layer `{task.layer.digest}` anew: its content has digest "
                f"`{task.diff_id.algorithm}:{content.hexdigest()}`, the image's config says `{task.diff_id}`"
            )


class _Hashed:
    """Counts and hashes what it passes on to a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes, /) -> object:
        left = memoryview(data).cast("B")
        self.hash.update(left)
        self.size += len(left)
        while left:
            left = left[self._file.write(left) :]
        return None


def _holds(sink: Images, digest: Digest) -> bool:
    return sink.has_blob(digest) if isinstance(sink, Registry) else sink.has(digest)


def _from(path: Path, start: int, stop: Event) -> BinaryIO:
    file = path.open("rb", buffering=0)
    file.seek(start)
    return cast("BinaryIO", Stoppable(cast("BinaryIO", file), stop))
