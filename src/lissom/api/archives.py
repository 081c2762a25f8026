"""Save images to archives, load images from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from lissom.api.holdings import Holdings
from lissom.api.transfer import transfer
from lissom.archive.docker import DockerArchive, DockerArchiveWriter, open_archive
from lissom.archive.names import Held
from lissom.archive.oci import OciArchiveWriter
from lissom.archive.tarfiles import seekable
from lissom.errors import UsageError
from lissom.events import Listener, silent
from lissom.image.image import Image, put_bytes, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, LAYER, LAYER_GZIP, Descriptor, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression, compressed
from lissom.store.store import Store

__all__ = ["Loaded", "load", "save"]

_CHUNK = 1 << 20

Loaded = tuple[Reference | None, Digest]
"""What an image is called, if anything, and its ID."""


def save(
    store: Store, texts: Sequence[str], out: BinaryIO, *, kind: str = "docker", platform: Platform | None = None
) -> None:
    """Write images to ``out`` as a docker archive (one platform) or an OCI archive (all platforms that are here).

    What is named by reference keeps that name. Raises StoreError, UsageError.
    """
    if kind not in ("docker", "oci"):
        raise UsageError(f"cannot save as `{kind}`: the formats are docker and oci")
    writer = (DockerArchiveWriter if kind == "docker" else OciArchiveWriter)(out, store.temporary)
    for text in texts:
        descriptor = store.resolve(text)
        if kind == "docker" or platform or not _is_whole(store, descriptor):
            descriptor = store.manifest(descriptor, platform)
        reference = _name(store, text)
        moved = transfer(descriptor, store, writer, reference)
        if reference is None:
            writer.keep(moved.descriptor)
    writer.close()


def _is_whole(store: Store, descriptor: Descriptor) -> bool:
    """Whether all platforms of an index are here."""
    if descriptor.media_type not in INDEX_TYPES:
        return store.has(descriptor.digest)
    return all(store.has(child.digest) for child in Index.parse(read_blob(store, descriptor)).manifests)


def _name(store: Store, text: str) -> Reference | None:
    try:
        reference = Reference.parse(text)
    except UsageError:
        return None
    return reference if store.names.find(reference) else None


def load(
    store: Store, source: Path | BinaryIO, *, listener: Listener = silent
) -> list[tuple[Reference | None, Digest]]:
    """Read every image of a docker or OCI archive, compressed or not. Gives names and image IDs.

    Layers that a docker archive holds uncompressed are compressed, or found here by diff ID. Raises IntegrityError.
    """
    origin = str(source) if isinstance(source, Path) else "stdin"
    loaded: list[Loaded] = []
    with seekable(source, store.temporary) as file:
        archive = open_archive(file, origin)
        holdings, layers = Holdings(store), dict[Digest, Descriptor]()
        for held in archive.images():
            if isinstance(archive, DockerArchive):
                descriptor = _load_docker(store, archive, held, holdings, layers)
            else:
                descriptor = transfer(held.descriptor, archive, store, held.reference, listener=listener).descriptor
            if held.is_referrer:
                continue  # it came for the sake of its image, which keeps it
            if held.reference is None:
                store.keep(descriptor)
            loaded.append((held.reference, _id(store, descriptor)))
    return loaded


def _id(store: Store, descriptor: Descriptor) -> Digest:
    """The digest of the config; an artifact, which has none of an image, is called by its manifest's."""
    found = store.manifest(descriptor)
    manifest = Manifest.parse(read_blob(store, found))
    return manifest.config.digest if manifest.is_image else found.digest


def _load_docker(
    store: Store, archive: DockerArchive, held: Held, holdings: Holdings, loaded: dict[Digest, Descriptor]
) -> Descriptor:
    image = Image.open(held.descriptor, archive)
    put_bytes(store, image.config.descriptor, image.config.raw)
    layers: list[Descriptor] = []
    for layer in image.layers:
        there = loaded.get(layer.diff_id) or holdings.layer(layer.diff_id)
        if there is None:
            there = loaded[layer.diff_id] = _load_layer(store, archive, layer.descriptor)
        layers.append(replace(there, annotations={}))
    manifest = Manifest.make(image.config.descriptor, layers)
    return store.put_manifest(manifest.raw, manifest.media_type, held.reference)


def _load_layer(store: Store, archive: DockerArchive, layer: Descriptor) -> Descriptor:
    with archive.open(layer) as stream:
        if layer.media_type != LAYER:
            store.put(layer, stream)
            return layer
        with store.writer() as writer:
            with compressed(writer, Compression()) as out:
                while chunk := stream.read(_CHUNK):
                    out.write(chunk)
            digest, size = writer.commit()
    return Descriptor(LAYER_GZIP, digest, size)
