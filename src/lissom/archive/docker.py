"""Docker archives, as ``docker save`` writes and ``docker load`` reads them.

``manifest.json`` names config and uncompressed layer tars of each image. What is written here is an OCI layout in the
same tar too, as newer dockers write it: both sides read whichever they know.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from lissom.archive.layout import LAYOUT
from lissom.archive.names import Held, find, held, named
from lissom.archive.oci import OciArchive, blob_name
from lissom.archive.tarfiles import Members, TarWriter
from lissom.errors import IntegrityError, StoreError, UsageError
from lissom.image.image import put_bytes, read_blob
from lissom.image.verified import verified
from lissom.oci.digest import Digest
from lissom.oci.document import (
    CONFIG,
    DOCKER_LAYER,
    INDEX_TYPES,
    LAYER,
    LAYER_GZIP,
    LAYER_ZSTD,
    MANIFEST_TYPES,
    Descriptor,
    ImageConfig,
    Index,
    Manifest,
)  # fmt: skip
from lissom.oci.reference import Reference
from lissom.rootfs.compress import decompressed

__all__ = ["DockerArchive", "DockerArchiveWriter", "open_archive"]

_CHUNK = 1 << 20


def open_archive(file: BinaryIO, origin: str) -> DockerArchive | OciArchive:
    """The archive in an uncompressed file one can seek in. Raises IntegrityError when it is of neither kind."""
    members = Members(file, origin)
    if "index.json" in members and "oci-layout" in members:
        archive = OciArchive(members)
        if "manifest.json" not in members or _is_compressed(archive):
            return archive
    if "manifest.json" in members:
        return DockerArchive(members)
    raise IntegrityError(
        f"cannot read `{origin}`: it has neither manifest.json nor index.json",
        hint="`lissom load` reads what docker save, podman save, skopeo and lissom save write",
    )


def _is_compressed(archive: OciArchive) -> bool:
    """Whether manifests of the archive are worth keeping: over uncompressed layers they are not."""
    for image in archive.images():
        if image.reference is None or image.descriptor.media_type in INDEX_TYPES:
            return image.descriptor.media_type in INDEX_TYPES
        manifest = Manifest.parse(read_blob(archive, image.descriptor))
        if any(layer.media_type in (LAYER, DOCKER_LAYER) for layer in manifest.layers):
            return False
    return bool(archive.images())


class DockerArchive:
    """Reads a docker archive; its images get OCI manifests over the files as they are in the tar."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._made: dict[Digest, bytes] = {}
        self._files: dict[Digest, str] = {}
        self._images: list[Held] = []
        try:
            for item in json.loads(members.read("manifest.json")):
                self._add(str(item["Config"]), [str(n) for n in item["Layers"]], item.get("RepoTags") or [])
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"cannot read `{members.origin}`: manifest.json is damaged ({error})") from error

    def _add(self, config_name: str, layer_names: list[str], tags: list[str]) -> None:
        raw = self._members.read(config_name)
        config = ImageConfig.parse(raw)
        if len(config.diff_ids) != len(layer_names):
            raise IntegrityError(
                f"cannot read `{self._members.origin}`: {len(layer_names)} layers, {len(config.diff_ids)} diff IDs"
            )
        self._files[config.digest] = config_name
        layers = [self._layer(n, diff_id) for n, diff_id in zip(layer_names, config.diff_ids, strict=True)]
        manifest = Manifest.make(Descriptor(CONFIG, config.digest, len(raw)), layers)
        self._made[manifest.digest] = manifest.raw
        for reference in [Reference.parse(tag) for tag in tags]:
            self._images.append(Held((str(reference), reference.familiar), reference, manifest.descriptor))
        if not tags:
            self._images.append(Held((), None, manifest.descriptor))

    def _layer(self, name: str, diff_id: Digest) -> Descriptor:
        size = self._members.size(name)
        with self._members.open(name) as stream:
            head = stream.read(4)
        if head.startswith(b"\x1f\x8b") or head == b"\x28\xb5\x2f\xfd":
            media_type = LAYER_GZIP if head.startswith(b"\x1f\x8b") else LAYER_ZSTD
            digest = self._hashed(name)
        else:
            media_type, digest = LAYER, diff_id
        self._files[digest] = name
        return Descriptor(media_type, digest, size)

    def _hashed(self, name: str) -> Digest:
        """A compressed layer's digest is nowhere written: it has to be read once."""
        hashed = hashlib.sha256()
        with self._members.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                hashed.update(chunk)
        return Digest("sha256:" + hashed.hexdigest())

    def has(self, digest: Digest) -> bool:
        return digest in self._made or digest in self._files

    def open(self, descriptor: Descriptor) -> BinaryIO:
        origin = f"`{self._members.origin}`"
        if descriptor.digest in self._made:
            return verified(BytesIO(self._made[descriptor.digest]), descriptor, origin)
        if descriptor.digest not in self._files:
            raise IntegrityError(f"cannot read `{descriptor.digest}` from {origin}: it is not there")
        return verified(self._members.open(self._files[descriptor.digest]), descriptor, origin)

    def images(self) -> list[Held]:
        """The images of the archive, one for each name."""
        return self._images

    def find(self, name: str) -> Descriptor:
        """The image that ``name`` means; empty for the only one. Raises StoreError."""
        return find(self._images, name, self._members.origin).descriptor

    def get_manifest(self, reference: Reference) -> Descriptor:
        return self.find(str(reference))


class DockerArchiveWriter:
    """Writes images for ``docker load``. Layers are decompressed, so manifests are made anew: a manifest that is put
    under a name comes back with another digest unless its layers were uncompressed already.
    """

    def __init__(self, out: BinaryIO, scratch: Path, origin: str = "the archive") -> None:
        self._tar = TarWriter(out, scratch)
        self._origin = origin
        self._written: dict[Digest, Descriptor] = {}
        self._listed: list[Descriptor] = []
        self._entries: dict[Digest, dict[str, Any]] = {}

    def has(self, digest: Digest) -> bool:
        return digest in self._written

    def open(self, descriptor: Descriptor) -> BinaryIO:
        found = self._written.get(descriptor.digest)
        if found is None:
            raise IntegrityError(f"cannot read `{descriptor.digest}` from {self._origin}: it is not there")
        if found.digest != descriptor.digest:
            raise StoreError(f"cannot read `{descriptor.digest}` from {self._origin}: it was written uncompressed")
        return verified(self._tar.open(blob_name(found.digest)), descriptor, self._origin)

    def put(self, descriptor: Descriptor, stream: BinaryIO) -> None:
        if descriptor.digest in self._written:
            return
        reader = verified(stream, descriptor, f"what was given for {self._origin}", owned=False)
        plain: BinaryIO = decompressed(reader) if ".tar" in descriptor.media_type else reader
        hashed, size = hashlib.sha256(), 0

        def fill(out: BinaryIO) -> str:
            nonlocal size
            while chunk := plain.read(_CHUNK):
                hashed.update(chunk)
                out.write(chunk)
                size += len(chunk)
            return blob_name(Digest("sha256:" + hashed.hexdigest()))

        self._tar.add(fill)
        digest = Digest("sha256:" + hashed.hexdigest())
        media_type = LAYER if ".tar" in descriptor.media_type else descriptor.media_type
        self._written[descriptor.digest] = self._written[digest] = Descriptor(media_type, digest, size)

    def get_manifest(self, reference: Reference) -> Descriptor:
        return find([held(d) for d in self._listed], str(reference), self._origin).descriptor

    def put_manifest(self, raw: bytes, media_type: str, reference: Reference | None) -> Descriptor:
        if media_type in INDEX_TYPES:
            raise UsageError(
                f"cannot write `{Digest.of(raw)}` to {self._origin}: a docker archive holds one platform of an image",
                hint="name the --platform, or write an OCI archive",
            )
        if media_type not in MANIFEST_TYPES:
            raise UsageError(f"cannot write `{Digest.of(raw)}` to {self._origin}: `{media_type}` is no image")
        manifest = Manifest.parse(raw)
        if not manifest.is_image:
            raise UsageError(
                f"cannot write `{Digest.of(raw)}` to {self._origin}: a docker archive holds images, "
                f"and it is an artifact of type `{manifest.artifact_type}`",
                hint="write an OCI archive",
            )
        missing = [d.digest for d in (manifest.config, *manifest.layers) if d.digest not in self._written]
        if missing:
            raise IntegrityError(f"cannot write an image to {self._origin}: its blob `{missing[0]}` is not there")
        layers = [self._written[d.digest] for d in manifest.layers]
        kept = all(a.digest == b.digest for a, b in zip(layers, manifest.layers, strict=True))
        made = manifest if kept else Manifest.make(manifest.config, layers, manifest.annotations)
        put_bytes(self, made.descriptor, made.raw)
        entry = self._entries.setdefault(made.digest, _entry(manifest.config, layers))
        if reference is not None:
            self._name(made.descriptor, entry, reference)
        return made.descriptor

    def _name(self, descriptor: Descriptor, entry: dict[str, Any], reference: Reference) -> None:
        self._listed = [d for d in self._listed if held(d).reference != reference]
        self._listed.append(named(descriptor, reference))
        if reference.tag and reference.familiar not in entry["RepoTags"]:
            entry["RepoTags"].append(reference.with_tag(reference.tag).familiar)

    def keep(self, descriptor: Descriptor) -> None:
        """List an image without a name."""
        self._listed.append(descriptor)

    def close(self) -> None:
        """Write the lists of images and the end of the archive."""
        self._tar.add_bytes("oci-layout", LAYOUT)
        self._tar.add_bytes("index.json", Index.make(self._listed).raw)
        self._tar.add_bytes("manifest.json", json.dumps(list(self._entries.values())).encode())
        self._tar.close()


def _entry(config: Descriptor, layers: Iterable[Descriptor]) -> dict[str, Any]:
    return {"Config": blob_name(config.digest), "RepoTags": [], "Layers": [blob_name(d.digest) for d in layers]}
