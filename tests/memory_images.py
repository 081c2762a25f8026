"""Blobs in memory, and images made of trees, for tests of what works on any place that holds images."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from typing import BinaryIO

from lissom.errors import IntegrityError
from lissom.image.image import Image
from lissom.image.layers import pack
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.rootfs.compress import Compression
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset


class MemoryBlobs:
    """A sink for blobs whose digest is known or not known yet."""

    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}

    def has(self, digest: Digest) -> bool:
        return digest in self.blobs

    def open(self, descriptor: Descriptor) -> BinaryIO:
        data = self.blobs[descriptor.digest]
        if len(data) != descriptor.size or hashlib.sha256(data).hexdigest() != descriptor.digest.hex:
            raise IntegrityError(f"cannot read `{descriptor.digest}`: size or digest differ")
        return io.BytesIO(data)

    def put(self, descriptor: Descriptor, stream: BinaryIO) -> None:
        self.blobs[descriptor.digest] = stream.read()

    def writer(self) -> MemoryWriter:
        return MemoryWriter(self)


class MemoryWriter:
    def __init__(self, place: MemoryBlobs) -> None:
        self.place = place
        self.data = io.BytesIO()

    def write(self, data: bytes, /) -> object:
        return self.data.write(data)

    def commit(self) -> tuple[Digest, int]:
        data = self.data.getvalue()
        digest = Digest.of(data)
        self.place.blobs[digest] = data
        return digest, len(data)


def a_file(path: str, data: bytes = b"", **fields) -> Entry:
    return Entry(path, Kind.FILE, size=len(data), content=Inline(data), **fields)


def a_directory(path: str, **fields) -> Entry:
    return Entry(path, Kind.DIRECTORY, **{"mode": 0o755, **fields})


def a_link(path: str, target: str) -> Entry:
    return Entry(path, Kind.SYMLINK, 0o777, link=target)


def image_of(changesets: Iterable[Changeset], blobs: MemoryBlobs, *, compression: str = "gzip:1") -> Image:
    """An image with one layer for each changeset."""
    layers = [pack(c, blobs.writer(), compression=Compression.parse(compression)) for c in changesets]
    history = [{"created_by": f"step {number}"} for number, _ in enumerate(layers)]
    return Image.make(layers, {"architecture": "amd64", "os": "linux", "config": {}, "history": history}, blobs)
