"""Unpacked layers: directories in overlay form, made once and renamed in."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from lissom.errors import StoreError
from lissom.events import BlobMoved, Listener
from lissom.image.image import Layer
from lissom.image.layers import check_diff_id, read_layer
from lissom.rootfs.disk import unpack, write
from lissom.rootfs.entry import HostFile
from lissom.rootfs.ownership import Ownership
from lissom.rootfs.tar import Limits
from lissom.rootfs.tree import Changeset
from lissom.store.deltas import Delta, Deltas
from lissom.store.entries import encode
from lissom.store.files import fresh, remove_tree, storing

__all__ = ["Unpacker", "variant_of"]


class Unpacker:
    """Directories of deltas. Two threads that want the same one wait for each other; processes race, the first wins."""

    def __init__(
        self, deltas: Deltas, ownership: Ownership, *, userxattr: bool, listener: Listener, limits: Limits
    ) -> None:
        self._deltas = deltas
        self._ownership = ownership
        self._userxattr = userxattr
        self._listener = listener
        self.limits = limits
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def plain(self, delta: Delta) -> Path:
        """The delta's directory as its layer is, parents that it does not bring being root's with mode 0755."""
        with self._locks[delta.id]:
            existing = self.existing(delta)
            if existing is not None:
                return existing
            layer = self._packed(delta)
            with self._deltas.store.open(layer.descriptor) as stream:
                return self._extract(delta, layer, stream)

    def existing(self, delta: Delta) -> Path | None:
        """The plain directory where there is one."""
        path = self._deltas.path(delta) / "tree"
        if path.exists():
            return path
        same = self._deltas.same(delta)
        other = self._deltas.path(same) / "tree" if same else path
        return other if other.exists() else None

    def unpack(self, delta: Delta, layer: Layer, stream: BinaryIO) -> Path:
        """Like ``plain``, from the bytes of a blob that need not be in the store."""
        with self._locks[delta.id]:
            path = self._deltas.path(delta) / "tree"
            return path if path.exists() else self._extract(delta, layer, stream)

    def variant(self, delta: Delta, key: str, complete: Changeset) -> Path:
        """The directory of ``complete``, which is the delta made whole for one lower tree."""
        path = self._deltas.path(delta) / "variants" / key
        with self._locks[f"{delta.id}/{key}"]:
            if path.exists():
                return path
            directory = fresh(self._deltas.store.temporary, "tree-")
            try:
                with storing(self._deltas.store.root, "a snapshot"):
                    directory.mkdir(mode=0o755)
                    write(complete, directory, ownership=self._ownership, overlay=True, userxattr=self._userxattr)
                return self._deltas.install(directory, path)
            finally:
                remove_tree(directory)

    def existing_variant(self, delta: Delta, key: str) -> Path | None:
        """The directory of a variant where there is one; without a key it is the plain directory."""
        path = self._deltas.path(delta) / "variants" / key
        return self.plain(delta) if not key else path if path.exists() else None

    def open_file(self, delta: Delta, path: str) -> BinaryIO:
        """A regular file of the delta."""
        return HostFile(f"{self.plain(delta)}/{path}").open()

    def list_entries(self, delta: Delta) -> bytes:
        """The entries of a delta that has none yet: its layer is read through, nothing is unpacked."""
        return self._deltas.add_entries(delta, read_layer(self._packed(delta), self._deltas.store, limits=self.limits))

    def _packed(self, delta: Delta) -> Layer:
        layers = self._deltas.layers(delta)
        for layer in layers.values():
            if layer.diff_id == delta.diff_id:
                return layer
        raise StoreError(
            f"cannot unpack snapshot `{delta.id}`: its layer is not in the store", hint="build or pull the image again"
        )

    def _extract(self, delta: Delta, layer: Layer, stream: BinaryIO) -> Path:
        hashed, size = layer.diff_id.hasher(), layer.descriptor.size
        directory = fresh(self._deltas.store.temporary, "tree-")
        try:
            with storing(self._deltas.store.root, "a snapshot"):
                directory.mkdir(mode=0o755)
                changeset = unpack(
                    stream, directory, origin=delta.id, ownership=self._ownership, overlay=True,
                    userxattr=self._userxattr, tap=hashed.update, limits=self.limits,
                )  # fmt: skip
            check_diff_id(layer, hashed.hexdigest())
            if self._deltas.entries(delta) is None:
                self._deltas.add_entries(delta, changeset)
            self._listener(BlobMoved("unpack", delta.id[:12], size, size))
            return self._deltas.install(directory, self._deltas.path(delta) / "tree")
        finally:
            remove_tree(directory)


def variant_of(changeset: Changeset, complete: Changeset, below: Sequence[str]) -> str:
    """A name for how ``complete`` differs from ``changeset``; empty when it does not.

    Directories that were added count by their attributes, so that chains with equal parents share one directory; when
    files were copied from below or moved, the name is the chain's own.
    """
    added = [entry for path, entry in complete.entries.items() if changeset.entries.get(path) != entry]
    moved = len(changeset.entries) + len(added) != len(complete.entries)
    moved = moved or (changeset.whiteouts, changeset.opaques) != (complete.whiteouts, complete.opaques)
    if not added and not moved:
        return ""
    plain = all(entry.is_directory for entry in added) and not moved
    said = encode(Changeset.of(added)) + (b"" if plain else os.fsencode(" ".join(below)))
    return hashlib.sha256(said).hexdigest()[:32]
