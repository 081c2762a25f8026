"""Images made of hand-written layers, and their ledgers by either way of reading them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from lissom.analysis.ledger.ledger import Origin, ledger_of
from lissom.analysis.ledger.scan import scan_packed, scan_unpacked
from lissom.analysis.ledger.share import Ledger, Share, Waste, WasteKind
from lissom.analysis.ledger.spool import Spool
from lissom.image.image import Image
from lissom.image.layers import unpack_layer
from lissom.image.mutate import configure
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Changeset
from memory_images import MemoryBlobs, image_of


def layer(
    files: Mapping[str, bytes | Entry] | None = None, *, gone: Sequence[str] = (), opaque: Sequence[str] = ()
) -> Changeset:
    """A layer of path → content, all parents with it."""
    entries: dict[str, Entry] = {}
    for path, content in (files or {}).items():
        above = path
        while above := parent_of(above):
            entries.setdefault(above, Entry(above, Kind.DIRECTORY, 0o755))
        if isinstance(content, Entry):
            entries[path] = content
        else:
            entries[path] = Entry(path, Kind.FILE, 0o644, size=len(content), content=Inline(content))
    for path in (*gone, *opaque):
        above = path
        while above := parent_of(above):
            entries.setdefault(above, Entry(above, Kind.DIRECTORY, 0o755))
    return Changeset.of(entries.values(), gone, opaque)


def ledger(
    *layers: Changeset, config: Mapping[str, object] | None = None, unpacked: bool = False, origin: Origin | None = None
) -> Ledger:
    """The ledger of an image of ``layers``, read from its blobs, or from files when ``unpacked``."""
    blobs = MemoryBlobs()
    image = image_of(layers, blobs)
    if config:
        image = configure(image, blobs, config=config)
    return ledger_of_image(image, unpacked=unpacked, origin=origin)


def ledger_of_image(image: Image, *, unpacked: bool = False, origin: Origin | None = None) -> Ledger:
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        if unpacked:
            changesets = [unpack_layer(one, image.blobs, place / f"{n}.tar") for n, one in enumerate(image.layers)]
            return ledger_of(image, "test", [scan_unpacked(each) for each in changesets], origin or Origin())
        with Spool(place / "spool") as spool:
            scans = [scan_packed(one, image.blobs, spool) for one in image.layers]
            spool.flush()
        return ledger_of(image, "test", scans, origin or Origin())


def share(found: Ledger, path: str, number: int = 0) -> Share:
    """The share of a path in a layer."""
    return next(one for one in found.shares if one.path == path and one.layer == number)


def wasted(found: Ledger, kind: WasteKind) -> list[Waste]:
    return [one for one in found.wastes if one.kind is kind]
