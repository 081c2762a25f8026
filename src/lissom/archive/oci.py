"""An OCI archive: a layout in one tar."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from lissom.archive.layout import LAYOUT
from lissom.archive.names import Held, find, held, named
from lissom.archive.referrers import listed, referrers
from lissom.archive.tarfiles import Members, TarWriter
from lissom.errors import IntegrityError
from lissom.image.image import put_bytes
from lissom.image.verified import verified
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, Index
from lissom.oci.reference import Reference

__all__ = ["OciArchive", "OciArchiveWriter", "blob_name"]

_CHUNK = 1 << 20


def blob_name(digest: Digest) -> str:
    """Where a layout has a blob."""
    return f"blobs/{digest.algorithm}/{digest.hex}"


class OciArchive:
    """Reads the images of an OCI archive."""

    def __init__(self, members: Members) -> None:
        self._members = members
        index = Index.parse(members.read("index.json"))
        self._images = [held(d) for d in index.manifests]

    def has(self, digest: Digest) -> bool:
        return blob_name(digest) in self._members

    def open(self, descriptor: Descriptor) -> BinaryIO:
        return verified(self._members.open(blob_name(descriptor.digest)), descriptor, f"`{self._members.origin}`")

    def images(self) -> list[Held]:
        """The images of the index."""
        return self._images

    def find(self, name: str) -> Descriptor:
        """The image that ``name`` means; empty for the only one. Raises StoreError."""
        return find(self._images, name, self._members.origin).descriptor

    def get_manifest(self, reference: Reference) -> Descriptor:
        return self.find(str(reference))

    def referrers(self, digest: Digest, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """The manifests of the index whose subject has this digest, of one artifact type or of all."""
        return referrers(self._images, self, digest, artifact_type)


class OciArchiveWriter:
    """Writes images into an OCI archive; blobs as they come, the index when it is closed."""

    def __init__(self, out: BinaryIO, scratch: Path, origin: str = "the archive") -> None:
        self._tar = TarWriter(out, scratch)
        self._origin = origin
        self._listed: list[Descriptor] = []
        self._tar.add_bytes("oci-layout", LAYOUT)

    def has(self, digest: Digest) -> bool:
        return blob_name(digest) in self._tar.places

    def open(self, descriptor: Descriptor) -> BinaryIO:
        if not self.has(descriptor.digest):
            raise IntegrityError(f"cannot read `{descriptor.digest}` from {self._origin}: it is not there")
        return verified(self._tar.open(blob_name(descriptor.digest)), descriptor, self._origin)

    def put(self, descriptor: Descriptor, stream: BinaryIO) -> None:
        if not self.has(descriptor.digest):
            self._tar.add(_copied(descriptor, stream, self._origin))

    def get_manifest(self, reference: Reference) -> Descriptor:
        return find([held(d) for d in self._listed], str(reference), self._origin).descriptor

    def put_manifest(self, raw: bytes, media_type: str, reference: Reference | None) -> Descriptor:
        descriptor = Descriptor(media_type, Digest.of(raw), len(raw))
        put_bytes(self, descriptor, raw)
        if reference is not None:
            self._listed = [d for d in self._listed if held(d).reference != reference]
            self._listed.append(named(descriptor, reference))
        elif (referrer := listed(raw, media_type)) is not None:
            self._listed = [*(d for d in self._listed if d.digest != referrer.digest or held(d).names), referrer]
        return descriptor

    def keep(self, descriptor: Descriptor) -> None:
        """List an image without a name."""
        self._listed.append(descriptor)

    def close(self) -> None:
        """Write the index and the end of the archive."""
        self._tar.add_bytes("index.json", Index.make(self._listed).raw)
        self._tar.close()


def _copied(descriptor: Descriptor, stream: BinaryIO, origin: str) -> Callable[[BinaryIO], str]:
    def fill(out: BinaryIO) -> str:
        reader = verified(stream, descriptor, f"what was given for {origin}", owned=False)
        while chunk := reader.read(_CHUNK):
            out.write(chunk)
        return blob_name(descriptor.digest)

    return fill
