"""Layers that a place has already in another compression, known by the digest of their content."""

from __future__ import annotations

from collections.abc import Callable

from lissom.api.documents import Document
from lissom.events import Decision, Listener
from lissom.image.image import Blobs, Images, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import DOCKER_MANIFEST, LAYER_ZSTD, Descriptor, ImageConfig, Manifest
from lissom.oci.rewrite import manifest_over

__all__ = ["Known", "with_known"]

Known = Callable[[Digest], Descriptor | None]
"""Finds a layer by diff ID."""


def with_known(document: Document, source: Blobs, sink: Images, known: Known, listener: Listener) -> Document:
    """The document with layers that the sink lacks replaced by ones of equal content that it has."""
    if document.config is None or all(sink.has(layer.digest) for layer in document.layers):
        return document
    config = ImageConfig.parse(read_blob(sink if sink.has(document.config.digest) else source, document.config))
    if len(config.diff_ids) != len(document.layers):
        return document
    layers = []
    for layer, diff_id in zip(document.layers, config.diff_ids, strict=True):
        there = None if sink.has(layer.digest) else known(diff_id)
        if there:
            listener(Decision(layer.digest.short, f"not fetched: its content is here as {there.digest.short}"))
        layers.append(there or layer)
    if tuple(layers) == document.layers:
        return document
    manifest = Manifest.parse(document.raw)
    # Docker's schema 2 has no name for zstd.
    docker = manifest.media_type == DOCKER_MANIFEST and all(layer.media_type != LAYER_ZSTD for layer in layers)
    others = {old.digest: new for old, new in zip(document.layers, layers, strict=True) if new is not old}
    return Document.of(manifest_over(manifest, others, docker=docker))
