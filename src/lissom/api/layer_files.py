"""Files of an image's layers, read when somebody asks for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from lissom.api.new_file import new_file
from lissom.api.opened import opened
from lissom.api.world import World
from lissom.errors import UsageError
from lissom.image.image import Image
from lissom.image.layers import read_layer
from lissom.oci.platform import Platform
from lissom.rootfs.compress import decompressed
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tar import TarReader
from lissom.store.deltas import id_of

__all__ = ["LayerFiles", "layer_files"]


class LayerFiles:
    """The layers of one image, numbered from 0."""

    def __init__(self, world: World, image: Image) -> None:
        self._snapshots = world.snapshots
        self._limits = world.snapshots.unpacker.limits
        self._image = image
        self.entries = lru_cache(maxsize=8)(self._entries)

    def _entries(self, layer: int) -> Mapping[str, Entry]:
        """What a layer holds, with modes and owners. Raises IntegrityError."""
        found = self._image.layers[layer]
        known = self._snapshots.find(id_of(found.diff_id))
        if known is not None:
            return self._snapshots.changeset(known).entries
        return read_layer(found, self._image.blobs, limits=self._limits).entries

    def extract(self, layer: int, path: str, target: Path) -> None:
        """Write a layer's file to ``target``; its mode and owner stay behind. Raises IntegrityError, UsageError."""
        found = self._image.layers[layer]
        with self._image.blobs.open(found.descriptor) as blob, decompressed(blob) as plain:
            reader = TarReader(plain, origin=str(found.diff_id), limits=self._limits)
            for entry in reader:
                if entry.path == path and entry.kind is Kind.FILE:
                    self._write(reader, target)
                    return
        raise UsageError(f"cannot extract `/{path}`: layer {layer + 1} has no such file")

    @staticmethod
    def _write(reader: TarReader, target: Path) -> None:
        try:
            with new_file(target) as file:
                for chunk in reader.chunks():
                    file.write(chunk)
        except OSError as error:
            raise UsageError(f"cannot write `{target}`: {error.strerror}") from error


@contextmanager
def layer_files(world: World, text: str, *, platform: Platform | None = None) -> Iterator[LayerFiles]:
    """The layers of the image that a user named. Raises StoreError, RegistryError."""
    with opened(world, text, platform) as image:
        yield LayerFiles(world, image)
