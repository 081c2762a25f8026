"""What one pass over a packed layer found, kept in the store: most images stand on layers known already.

A scan is kept under its blob's digest, also of a blob that only passed by on its way from a registry; garbage
collection takes it when no image of the store has that blob. What cannot be read is made again.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import zstandard

from lissom.analysis.ledger.looked import Symbols
from lissom.analysis.ledger.scan import Scan
from lissom.api.world import World
from lissom.errors import LissomError
from lissom.image.image import Layer
from lissom.rootfs.entry import FileSlice
from lissom.store import accounts
from lissom.store.entries import decode, encode
from lissom.store.files import storing, write_whole
from lissom.store.store import Store

__all__ = ["keep", "kept"]

_FORM = 1
"""Another number whenever scans tell something else: those of before count no more."""

_LARGEST = 64 << 20
_FOLDER = "scans"


def kept(world: World, layer: Layer) -> Scan | None:
    """The scan of a layer that was kept; None without one."""
    told, contents = _paths(world.store, layer)
    with suppress(LissomError, OSError, AttributeError, KeyError, TypeError, ValueError):
        return _read(accounts.unpacked(told.read_bytes(), "a scan"), contents)
    return None


def keep(world: World, layer: Layer, scan: Scan) -> None:
    """Keep a scan of a layer, unless it holds much to be read again. Raises StoreError."""
    entries = scan.changeset.entries
    contents = {path: entry.content for path, entry in entries.items() if entry.content is not None}
    if sum(entries[path].size for path in contents) > _LARGEST:
        return
    data, places = bytearray(), dict[str, list[int]]()
    for path, content in contents.items():
        places[path] = [len(data), entries[path].size]
        with content.open() as stream:
            data += stream.read()
    told, beside = _paths(world.store, layer)
    document = json.dumps(_document(scan, places), separators=(",", ":")).encode()
    with storing(world.store.root, "a scan"):
        told.parent.mkdir(exist_ok=True)
        write_whole(beside, bytes(data), world.store.temporary, durable=False)
        write_whole(told, zstandard.compress(document, 1), world.store.temporary, durable=False)


def _paths(store: Store, layer: Layer) -> tuple[Path, Path]:
    place = store.private / _FOLDER / f"{layer.descriptor.digest.hex}.{_FORM}"
    return place.with_name(f"{place.name}.json.zst"), place.with_name(f"{place.name}.contents")


def _document(scan: Scan, places: Mapping[str, list[int]]) -> dict[str, Any]:
    return {
        "entries": encode(scan.changeset).decode(),
        "contents": places,
        "links": scan.links,
        "digests": {path: b64encode(digest).decode() for path, digest in scan.digests.items()},
        "symbols": {path: [found.debug, found.table] for path, found in scan.symbols.items()},
        "needs": scan.needs,
        "secrets": scan.secrets,
        "tar": scan.tar,
    }


def _read(document: Any, file: Path) -> Scan:
    size = file.stat().st_size
    places = {path: FileSlice(file, int(at), int(length)) for path, (at, length) in document["contents"].items()}
    if any(place.offset < 0 or place.size < 0 or place.offset + place.size > size for place in places.values()):
        raise ValueError("a content lies outside of its file")
    return Scan(
        decode(document["entries"].encode(), places.get),
        links=dict(document["links"]),
        digests={path: b64decode(digest) for path, digest in document["digests"].items()},
        symbols={path: Symbols(int(debug), int(table)) for path, (debug, table) in document["symbols"].items()},
        needs={path: None if names is None else tuple(names) for path, names in document["needs"].items()},
        secrets=dict(document["secrets"]),
        tar=int(document["tar"]),
    )
