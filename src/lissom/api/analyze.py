"""The ledger of an image: where every byte comes from, and which are waste."""

from __future__ import annotations

import gc
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lissom.analysis.ledger.ledger import ledger_of
from lissom.analysis.ledger.scan import Scan, scan_packed, scan_unpacked
from lissom.analysis.ledger.share import Ledger
from lissom.analysis.ledger.spool import Spool
from lissom.api.opened import opened
from lissom.api.origin import origin_of
from lissom.api.scanned import keep, kept
from lissom.api.world import World
from lissom.image.image import Image, Layer
from lissom.oci.platform import Platform
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Changeset
from lissom.store.deltas import id_of

__all__ = ["analyze"]

_AT_ONCE = 4


def analyze(world: World, text: str, *, dockerfile: Path | None = None, platform: Platform | None = None) -> Ledger:
    """The ledger of the image that a user named. ``dockerfile`` gives its steps their lines where lissom did not build
    it. Raises StoreError, RegistryError, IntegrityError, and DockerfileError or UsageError for the file.
    """
    with opened(world, text, platform) as image, _uncollected():
        origin = origin_of(world, text, image, dockerfile)
        with tempfile.TemporaryDirectory(prefix="ledger-", dir=world.store.temporary) as scratch:
            return ledger_of(image, text, _scans(world, image, Path(scratch)), origin)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: hundreds of thousands of rows have none, and it takes a sixth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _scans(world: World, image: Image, scratch: Path) -> list[Scan]:
    """One scan of each layer: what was kept, else of its directory where the store has one, else of its blob."""
    layers = {layer.descriptor.digest: layer for layer in image.layers}
    scans = {digest: scan for digest, layer in layers.items() if (scan := kept(world, layer)) is not None}
    unpacked = {digest: _unpacked(world, layer) for digest, layer in layers.items() if digest not in scans}
    sizes = _sizes_twice([*(scan.changeset for scan in scans.values()), *unpacked.values()])
    packed = [layers[digest] for digest, changeset in unpacked.items() if changeset is None]
    # What comes from afar is waited for: several at once. Here it is the processor that everything waits for.
    at_once = 1 if all(world.store.has(layer.descriptor.digest) for layer in packed) else _AT_ONCE
    with ThreadPoolExecutor(at_once, "scan") as pool:
        found = pool.map(lambda layer: _scan_blob(world, image, layer, scratch), packed)
        scans |= {digest: scan_unpacked(c, sizes=sizes) for digest, c in unpacked.items() if c is not None}
        scans |= {layer.descriptor.digest: scan for layer, scan in zip(packed, found, strict=True)}
    return [scans[layer.descriptor.digest] for layer in image.layers]


def _scan_blob(world: World, image: Image, layer: Layer, scratch: Path) -> Scan:
    with Spool(scratch / layer.descriptor.digest.hex) as spool:
        scan = scan_packed(layer, image.blobs, spool, limits=world.snapshots.unpacker.limits)
    keep(world, layer, scan)
    return scan


def _unpacked(world: World, layer: Layer) -> Changeset | None:
    """The layer's changeset with contents, if it is unpacked already."""
    delta = world.snapshots.find(id_of(layer.diff_id))
    if delta is None or world.snapshots.unpacker.existing(delta) is None:
        return None
    return world.snapshots.changeset(delta)


def _sizes_twice(changesets: Sequence[Changeset | None]) -> frozenset[int] | None:
    """Sizes that several files have: only those can be equal. None where not all layers were listed yet."""
    counts = Counter[int]()
    for changeset in changesets:
        if changeset is None:
            return None
        files = (entry for entry in changeset.entries.values() if entry.kind is Kind.FILE)
        counts.update({entry.inode or entry.path: entry.size for entry in files}.values())
    return frozenset(size for size, count in counts.items() if count > 1 and size)
