"""New images from old ones: append a layer, change the config, merge layers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from lissom.errors import UsageError
from lissom.image.image import BlobSink, Image, Layer
from lissom.image.layers import BlobWriter, pack, stacked, unpack_layer
from lissom.rootfs.compress import Compression
from lissom.rootfs.tree import Changeset

__all__ = ["WritableSink", "append", "configure", "squash"]


class WritableSink(BlobSink, Protocol):
    """A place for blobs that takes one whose digest is not known yet."""

    def writer(self) -> BlobWriter: ...


def append(
    image: Image, layers: Sequence[Layer], sink: BlobSink, *, history: Sequence[Mapping[str, Any]] = ()
) -> Image:
    """``image`` with ``layers`` on top, one step of ``history`` for each (an empty one where it is missing).

    The layers' blobs are in ``sink`` already. Writes config and manifest there.
    """
    steps = [dict(step) for step in history] + [{} for _ in layers[len(history) :]]
    document = {**image.config.document, "history": [*_full_history(image), *steps]}
    return Image.make([*image.layers, *layers], document, sink, annotations=image.manifest.annotations)


def configure(
    image: Image,
    sink: BlobSink,
    *,
    config: Mapping[str, Any] | None = None,
    document: Mapping[str, Any] | None = None,
    history: Mapping[str, Any] | None = None,
) -> Image:
    """``image`` with other execution parameters: keys of ``config`` replace its own, None removes one.

    ``document`` does the same to the top of the config document (``created``, ``author``). ``history`` adds one step
    that is marked as empty.
    """
    merged = {**image.config.document, **(document or {})}
    merged["config"] = _without_none({**image.config.config, **(config or {})})
    if history is not None:
        merged["history"] = [*_full_history(image), {**history, "empty_layer": True}]
    return Image.make(image.layers, _without_none(merged), sink, annotations=image.manifest.annotations)


def squash(
    image: Image,
    sink: WritableSink,
    *,
    keep: int = 0,
    workspace: Path | None = None,
    compression: Compression | None = None,
    timestamp: int | None = None,
    comment: str = "",
) -> Image:
    """``image`` with its layers above the lowest ``keep`` merged into one.

    The tree of all layers is built first, then what differs from those lowest ones is written: each surviving
    file once, its other names as links. The lowest ``keep`` layers stay as they are. One layer, or none, is left alone.
    Plain tars are held in a temporary directory in ``workspace`` meanwhile. Raises UsageError when ``keep`` is absurd.
    """
    layers = image.layers
    if not 0 <= keep <= len(layers):
        raise UsageError(f"cannot squash `{image.digest}`: it has {len(layers)} layers, of which {keep} cannot stay")
    if len(layers) - keep < 2:
        return image
    with tempfile.TemporaryDirectory(prefix="lissom-squash-", dir=workspace) as directory:
        changesets = [
            unpack_layer(layer, image.blobs, Path(directory) / f"{number}.tar") for number, layer in enumerate(layers)
        ]
        merged = _merged(changesets, keep)
        layer = pack(merged, sink.writer(), compression=compression, timestamp=timestamp)
    document = {**image.config.document, "history": _squashed_history(image, keep, comment)}
    return Image.make([*layers[:keep], layer], document, sink, annotations=image.manifest.annotations)


def _merged(changesets: Sequence[Changeset], keep: int) -> Changeset:
    """One changeset that does what those after the first ``keep`` do to the tree of the first."""
    final, below = stacked(changesets), stacked(changesets[:keep])
    if keep:
        return below.diff(final)
    root = any("" in changeset.entries for changeset in changesets)
    return Changeset.of(final[path] for path in final if path or root)


def _full_history(image: Image) -> list[Mapping[str, Any]]:
    """The history, with a step for every layer even where the image has none at all."""
    return list(image.config.history) or [{} for _ in image.layers]


def _squashed_history(image: Image, start: int, comment: str) -> list[Mapping[str, Any]]:
    """The steps of merged layers stay to be read, marked as empty; the last of them owns the new layer."""
    kept: list[Mapping[str, Any]] = []
    number, last = 0, None
    for step in _full_history(image):
        filled = not step.get("empty_layer")
        if filled and number >= start:
            last = len(kept)
            kept.append({**step, "empty_layer": True})
        else:
            kept.append(step)
        number += filled
    if last is not None:
        note = {"comment": comment} if comment else {}
        kept[last] = {**{key: value for key, value in kept[last].items() if key != "empty_layer"}, **note}
    return kept


def _without_none(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}
