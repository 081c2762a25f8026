"""How many bytes a layer's files take: read from the layer once, remembered in the store afterwards."""

from __future__ import annotations

from lissom.image.image import Blobs, Layer
from lissom.image.layers import read_layer
from lissom.rootfs.entry import Inline
from lissom.rootfs.tree import Changeset
from lissom.store.cache import Cache
from lissom.store.deltas import Delta, Deltas, id_of
from lissom.store.entries import decode
from lissom.store.store import Store

__all__ = ["known_size", "unpacked_size"]


def unpacked_size(store: Store, layer: Layer, blobs: Blobs | None = None) -> int:
    """Bytes of a layer's files; the layer is read from ``blobs`` (None: the store's) when nobody did before."""
    known = known_size(store, layer)
    return _kept(store, layer, read_layer(layer, blobs or store)) if known is None else known


def known_size(store: Store, layer: Layer) -> int | None:
    """Bytes of a layer's files, as far as they can be told without its blob."""
    known = Cache(store).note(_name(layer))
    if known is not None:
        return int(known)
    data = Deltas(store).entries(Delta(id_of(layer.diff_id)))
    return _kept(store, layer, decode(data, lambda _: Inline(b""))) if data else None


def _kept(store: Store, layer: Layer, changeset: Changeset) -> int:
    # The names of one inode are one file.
    total = sum({entry.inode or path: entry.size for path, entry in changeset.entries.items()}.values())
    Cache(store).remember_note(_name(layer), str(total))
    return total


def _name(layer: Layer) -> str:
    return f"unpacked size of {layer.diff_id}"
