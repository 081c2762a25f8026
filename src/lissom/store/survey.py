"""What a store holds and what of it is used: the view that ``df`` shows and garbage collection acts on."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lissom.image.image import read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, MANIFEST_TYPES, Descriptor, ImageConfig, Index, Manifest
from lissom.store.deltas import Deltas, id_of
from lissom.store.files import read_json
from lissom.store.names import Named
from lissom.store.store import Store

__all__ = ["Held", "Reach", "blobs_of", "held_deltas", "held_downloads", "held_mounts", "reach", "size_below"]


@dataclass(frozen=True, slots=True)
class Reach:
    """What images need: ``blobs`` with all their documents, ``layers`` among them, ``deltas`` that their layers are."""

    blobs: frozenset[Digest]
    layers: frozenset[Digest]
    deltas: frozenset[str]


def reach(store: Store, entries: Iterable[Named]) -> Reach:
    """Everything that the images of ``entries`` need and that is in the store, with what refers to them."""
    walk = _Walk(store)
    for entry in entries:
        walk.visit(entry.descriptor)
    return Reach(frozenset(walk.blobs), frozenset(walk.layers), frozenset(walk.deltas))


class _Walk:
    def __init__(self, store: Store) -> None:
        self._store = store
        self.blobs: set[Digest] = set()
        self.layers: set[Digest] = set()
        self.deltas: set[str] = set()

    def visit(self, descriptor: Descriptor) -> None:
        if descriptor.digest in self.blobs or not self._store.has(descriptor.digest):
            return
        self.blobs.add(descriptor.digest)
        for referrer in self._store.referrers(descriptor.digest):
            self.visit(referrer)
        if descriptor.media_type not in (*INDEX_TYPES, *MANIFEST_TYPES):
            return
        raw = read_blob(self._store, descriptor)
        if descriptor.media_type in INDEX_TYPES:
            for child in Index.parse(raw).manifests:
                self.visit(child)
            return
        manifest = Manifest.parse(raw)
        self.blobs.update(d.digest for d in (manifest.config, *manifest.layers))
        self.layers.update(d.digest for d in manifest.layers)
        if self._store.has(manifest.config.digest) and manifest.is_image:
            config = ImageConfig.parse(read_blob(self._store, manifest.config))
            self.deltas.update(id_of(d) for d in config.diff_ids)
        if manifest.subject:
            self.visit(manifest.subject)


@dataclass(frozen=True, slots=True)
class Held:
    """A delta, cache mount or download on disk: ``size`` of its files in bytes, ``used`` in seconds since 1970.

    ``blobs`` are the packed forms of a delta; ``id`` is empty for what is none.
    """

    id: str
    path: Path
    size: int
    used: float
    blobs: tuple[Digest, ...] = ()


def held_deltas(store: Store) -> dict[str, Held]:
    """All deltas by id; leftovers without a record are there too, as the oldest."""
    found: dict[str, Held] = {}
    deltas = Deltas(store)
    for name in os.listdir(deltas.folder):
        path = deltas.folder / name
        used = 0.0
        with suppress(FileNotFoundError):
            used = (path / "delta.json").stat().st_mtime
        blobs = tuple(_blob(read_json(p)) for p in (path / "layers").glob("*.json"))
        found[name] = Held(name, path, size_below(path), used, blobs)
    return found


def _blob(document: Any) -> Digest:
    return Digest(document["descriptor"]["digest"])


def held_mounts(store: Store) -> list[Held]:
    """All cache mounts."""
    folder = store.private / "mounts"
    paths = [folder / name for name in sorted(os.listdir(folder))]
    return [Held("", path, size_below(path), path.stat().st_mtime) for path in paths]


def held_downloads(store: Store) -> list[Held]:
    """Packages and indexes of archives, which can be fetched again."""
    found = []
    for path in sorted((store.private / "debian").glob("*/*")):
        with suppress(FileNotFoundError):
            status = path.stat()
            found.append(Held("", path, status.st_blocks * 512, status.st_mtime))
    return found


def blobs_of(store: Store) -> dict[Digest, int]:
    """All blobs and their sizes."""
    found: dict[Digest, int] = {}
    for folder in (store.root / "blobs").iterdir():
        with os.scandir(folder) as files:
            for file in files:
                with suppress(FileNotFoundError):
                    found[Digest(f"{folder.name}:{file.name}")] = file.stat().st_size
    return found


def size_below(path: Path) -> int:
    """Bytes that a directory takes on disk, each hard-linked file once."""
    total, seen, pending = 0, set[tuple[int, int]](), [os.fspath(path)]
    while pending:
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if status.st_nlink > 1 and not entry.is_dir(follow_symlinks=False):
                    if (status.st_dev, status.st_ino) in seen:
                        continue
                    seen.add((status.st_dev, status.st_ino))
                total += status.st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
    return total
