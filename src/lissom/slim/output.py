"""A slim image in the store: its layers packed, its config the original's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from lissom.image.image import Image, Layer, put_bytes
from lissom.rootfs.tree import Changeset
from lissom.slim.options import Options
from lissom.store.snapshots import Snapshots

__all__ = ["put_image", "removed_image", "write_image"]

_PACKERS = 2


def put_image(image: Image, snapshots: Snapshots) -> Image:
    """``image`` as it is, wherever it came from, in the store without a name."""
    for layer in image.layers:
        if not snapshots.store.has(layer.descriptor.digest):
            with image.blobs.open(layer.descriptor) as stream:
                snapshots.store.put(layer.descriptor, stream)
    put_bytes(snapshots.store, image.config.descriptor, image.config.raw)
    put_bytes(snapshots.store, image.manifest.descriptor, image.manifest.raw)
    return replace(image, blobs=snapshots.store)


def write_image(original: Image, layers: Sequence[Changeset | None], snapshots: Snapshots, options: Options) -> Image:
    """``original`` with other layers. All else of its config stays, its history with a step for what was done.

    ``layers`` are as many as the original's (None: nothing stays of that one), or fewer: then the steps of the
    original are there to be read only, and each layer has a step of its own.
    """
    packed = _packed([layer for layer in layers if layer is not None], snapshots, options)
    steps = _full_history(original)
    words = f"lissom slim --level {options.level.value}"
    if options.boundaries and len(layers) == len(original.layers):
        history = _kept_history(steps, layers)
    else:
        created = str(original.config.document.get("created") or "1970-01-01T00:00:00Z")
        own = {"created": created, "created_by": words, "comment": "lissom"}
        history = [*({**step, "empty_layer": True} for step in steps), *(dict(own) for _ in packed)]
    document = {**original.config.document, "history": history}
    return Image.make(packed, document, snapshots.store, annotations=original.manifest.annotations)


def removed_image(original: Image, difference: Changeset, snapshots: Snapshots, options: Options) -> Image:
    """What a slim took out as an image of one layer; laid over the slim image it gives back the original."""
    packed = _packed([difference], snapshots, options)
    created = str(original.config.document.get("created") or "1970-01-01T00:00:00Z")
    step = {"created": created, "created_by": "lissom slim --removed", "comment": "lissom"}
    document = {**original.config.document, "history": [step]}
    return Image.make(packed, document, snapshots.store)


def _packed(layers: Sequence[Changeset], snapshots: Snapshots, options: Options) -> list[Layer]:
    def pack(changeset: Changeset) -> Layer:
        delta = snapshots.put_changeset(changeset, pack=options.compression, timestamp=options.timestamp)
        return snapshots.layer(delta, options.compression, options.timestamp)

    with ThreadPoolExecutor(_PACKERS) as pool:
        return list(pool.map(pack, layers))


def _full_history(image: Image) -> list[Mapping[str, Any]]:
    """The history, with a step for every layer even where the image has none at all."""
    return list(image.config.history) or [{} for _ in image.layers]


def _kept_history(steps: Sequence[Mapping[str, Any]], layers: Sequence[Changeset | None]) -> list[Mapping[str, Any]]:
    """The original's steps; one whose layer has nothing left is marked as empty."""
    left = iter(layers)
    kept: list[Mapping[str, Any]] = []
    for step in steps:
        gone = not step.get("empty_layer") and next(left, None) is None
        kept.append({**step, "empty_layer": True} if gone else step)
    return kept
