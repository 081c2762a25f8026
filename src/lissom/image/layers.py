"""Layers and changesets: pack one, read one, and the tree that all layers of an image make."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from lissom.errors import IntegrityError
from lissom.image.image import Blobs, Image, Layer
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER, LAYER_GZIP, LAYER_ZSTD, Descriptor
from lissom.rootfs.ahead import CHUNK
from lissom.rootfs.compress import Compression, Sink, compressed, decompressed
from lissom.rootfs.entry import FileSlice
from lissom.rootfs.tar import Limits, read_changeset, write_layer
from lissom.rootfs.tree import Changeset, Tree

__all__ = [
    "BlobWriter",
    "check_diff_id",
    "diff_id_of",
    "media_type",
    "pack",
    "read_layer",
    "stacked",
    "tree",
    "unpack_layer",
]

_MEDIA_TYPES = {"gzip": LAYER_GZIP, "zstd": LAYER_ZSTD, "none": LAYER}


class BlobWriter(Protocol):
    """A blob being written; ``commit`` makes it part of its place and tells its digest and size."""

    def write(self, data: bytes, /) -> object: ...

    def commit(self) -> tuple[Digest, int]: ...


def media_type(compression: Compression) -> str:
    """OCI's media type of a layer that is compressed so."""
    return _MEDIA_TYPES[compression.kind]


class _Hashing:
    """Passes bytes on and hashes them."""

    def __init__(self, out: Sink) -> None:
        self.out = out
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes, /) -> object:
        self.sha256.update(data)
        return self.out.write(data)


class _Nowhere:
    def write(self, data: bytes, /) -> object:
        return len(data)


def pack(
    changeset: Changeset,
    writer: BlobWriter,
    *,
    compression: Compression | None = None,
    timestamp: int | None = None,
) -> Layer:
    """Write ``changeset`` as one layer blob in one pass and commit it. The same input gives the same digest.

    Times later than ``timestamp`` become it. After an error the writer is not committed; discarding it is the
    caller's. Raises IntegrityError for content that changes while it is read or that a tar cannot hold.
    """
    compression = compression or Compression()
    with compressed(writer, compression) as compressor:
        plain = _Hashing(compressor)
        write_layer(changeset, plain, timestamp=timestamp)
    digest, size = writer.commit()
    diff_id = Digest("sha256:" + plain.sha256.hexdigest())
    return Layer(Descriptor(media_type(compression), digest, size), diff_id)


def diff_id_of(changeset: Changeset, *, timestamp: int | None = None) -> Digest:
    """The diff ID that ``pack`` would give; nothing is compressed. Raises IntegrityError."""
    plain = _Hashing(_Nowhere())
    write_layer(changeset, plain, timestamp=timestamp)
    return Digest("sha256:" + plain.sha256.hexdigest())


def read_layer(layer: Layer, blobs: Blobs, *, limits: Limits | None = None) -> Changeset:
    """The changeset of a layer, files without content. Verifies blob and diff ID. Raises IntegrityError."""
    hasher = layer.diff_id.hasher()
    with blobs.open(layer.descriptor) as blob, decompressed(blob, tap=hasher.update) as plain:
        changeset = read_changeset(plain, origin=str(layer.diff_id), limits=limits)
    check_diff_id(layer, hasher.hexdigest())
    return changeset


def unpack_layer(layer: Layer, blobs: Blobs, file: Path, *, limits: Limits | None = None) -> Changeset:
    """The changeset of a layer whose plain tar is written to ``file``, from which its content is read."""
    hasher = layer.diff_id.hasher()
    with blobs.open(layer.descriptor) as blob, decompressed(blob, tap=hasher.update) as plain, file.open("wb") as out:
        while data := plain.read(CHUNK):
            out.write(data)
    check_diff_id(layer, hasher.hexdigest())
    with file.open("rb") as stored:
        return read_changeset(
            stored,
            origin=str(layer.diff_id),
            limits=limits,
            content=lambda offset, size: FileSlice(file, offset, size),
        )


def check_diff_id(layer: Layer, found: str) -> None:
    """Raise IntegrityError unless the plain tar's hash ``found`` is the layer's diff ID."""
    if found != layer.diff_id.hex:
        raise IntegrityError(
            f"cannot use layer `{layer.descriptor.digest}`: its diff ID is `{layer.diff_id}`,"
            f" its content has `{layer.diff_id.algorithm}:{found}`"
        )


def tree(image: Image, *, directory: Path | None = None) -> Tree:
    """The root file system of ``image``. Files have content when ``directory`` may hold the plain tars."""
    changesets = (
        read_layer(layer, image.blobs)
        if directory is None
        else unpack_layer(layer, image.blobs, directory / f"{number}.tar")
        for number, layer in enumerate(image.layers)
    )
    return stacked(changesets)


def stacked(changesets: Iterable[Changeset]) -> Tree:
    """The tree of changesets laid over each other, the lowest first; inodes of each are its own."""
    result = Tree()
    for number, changeset in enumerate(changesets):
        result = result.apply(_numbered(changeset, number))
    return result


def _numbered(changeset: Changeset, number: int) -> Changeset:
    """The same layer may be in an image twice, and its hard links are then not the same files."""
    if not any(entry.inode for entry in changeset.entries.values()):
        return changeset
    entries = {
        path: replace(entry, inode=f"{number}:{entry.inode}") if entry.inode else entry
        for path, entry in changeset.entries.items()
    }
    return replace(changeset, entries=entries)
