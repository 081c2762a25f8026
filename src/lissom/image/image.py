"""Images, layers, and the small protocols that every place which holds images speaks.

A source of blobs is ``Blobs``, a place to put them is a ``BlobSink``, a place that names images is ``Images``.
Store, registry and archives implement them and pass one conformance suite.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Protocol

from lissom.errors import IntegrityError, UsageError
from lissom.oci.digest import Digest
from lissom.oci.document import (
    DOCKER_LAYER,
    DOCKER_LAYER_GZIP,
    LAYER,
    LAYER_GZIP,
    Descriptor,
    ImageConfig,
    Manifest,
)
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference

__all__ = ["BlobSink", "Blobs", "Image", "Images", "Layer", "put_bytes", "read_blob"]

_SMALL = 64 << 20


class Blobs(Protocol):
    """Where blobs are read. What ``open`` returns verifies size and digest at end of file (IntegrityError)."""

    def has(self, digest: Digest) -> bool: ...

    def open(self, descriptor: Descriptor) -> BinaryIO: ...


class BlobSink(Blobs, Protocol):
    """Where blobs are put. A put means that the blob is there afterwards, whole and verified; again is fine."""

    def put(self, descriptor: Descriptor, stream: BinaryIO) -> None: ...


class Images(BlobSink, Protocol):
    """Where images have names. ``get`` gives raw manifests or indexes and raises when there is none.

    ``put_manifest`` stores a manifest or index whose blobs are there, under ``reference`` when one is given.
    """

    def get_manifest(self, reference: Reference) -> Descriptor: ...

    def put_manifest(self, raw: bytes, media_type: str, reference: Reference | None) -> Descriptor: ...


@dataclass(frozen=True, slots=True)
class Layer:
    """A stored changeset: ``descriptor`` of its compressed tar, ``diff_id`` of the tar itself. Stored and verified."""

    descriptor: Descriptor
    diff_id: Digest


@dataclass(frozen=True, slots=True)
class Image:
    """One image for one platform. Layers, diff IDs and non-empty history agree; a change is a new Image."""

    manifest: Manifest
    config: ImageConfig
    blobs: Blobs

    @classmethod
    def open(cls, descriptor: Descriptor, blobs: Blobs) -> Image:
        """Read manifest and config of the image that ``descriptor`` (a manifest, not an index) names.

        Raises IntegrityError, UsageError for an artifact that is no image.
        """
        manifest = Manifest.parse(read_blob(blobs, descriptor))
        if not manifest.is_image:
            raise UsageError(
                f"cannot use `{descriptor.digest}` as an image: it is an artifact of type `{manifest.artifact_type}`",
                hint="`lissom copy` moves it; what an artifact is of is told by `lissom referrers`",
            )
        config = ImageConfig.parse(read_blob(blobs, manifest.config))
        if len(config.diff_ids) != len(manifest.layers):
            raise IntegrityError(
                f"cannot use image `{descriptor.digest}`: {len(manifest.layers)} layers,"
                f" {len(config.diff_ids)} diff IDs"
            )
        return cls(manifest, config, blobs)

    @classmethod
    def make(
        cls,
        layers: Sequence[Layer],
        config: Mapping[str, Any],
        sink: BlobSink,
        *,
        annotations: Mapping[str, str] | None = None,
    ) -> Image:
        """Write config and manifest for ``layers``; the ``rootfs`` of ``config`` is set from them.

        The manifest is OCI's: layers that came with docker's media types get OCI's names of the same formats.
        """
        rootfs = {"type": "layers", "diff_ids": [str(layer.diff_id) for layer in layers]}
        parsed = ImageConfig.make({**config, "rootfs": rootfs})
        manifest = Manifest.make(parsed.descriptor, [_oci(layer.descriptor) for layer in layers], annotations)
        put_bytes(sink, parsed.descriptor, parsed.raw)
        put_bytes(sink, manifest.descriptor, manifest.raw)
        return cls(manifest, parsed, sink)

    @property
    def digest(self) -> Digest:
        """The digest of the manifest."""
        return self.manifest.digest

    @property
    def platform(self) -> Platform:
        return self.config.platform

    @property
    def layers(self) -> tuple[Layer, ...]:
        pairs = zip(self.manifest.layers, self.config.diff_ids, strict=True)
        return tuple(Layer(descriptor, diff_id) for descriptor, diff_id in pairs)


_FROM_DOCKER = {DOCKER_LAYER: LAYER, DOCKER_LAYER_GZIP: LAYER_GZIP}


def _oci(layer: Descriptor) -> Descriptor:
    return replace(layer, media_type=_FROM_DOCKER.get(layer.media_type, layer.media_type))


def read_blob(blobs: Blobs, descriptor: Descriptor) -> bytes:
    """A small blob whole, verified. Raises IntegrityError for one of more than 64 MiB."""
    if descriptor.size > _SMALL:
        raise IntegrityError(f"cannot read `{descriptor.digest}`: {descriptor.size} bytes are too many for a document")
    with blobs.open(descriptor) as stream:
        return stream.read()


def put_bytes(sink: BlobSink, descriptor: Descriptor, data: bytes) -> None:
    """Put a blob that is at hand."""
    sink.put(descriptor, io.BytesIO(data))
