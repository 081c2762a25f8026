"""What one pass over a packed layer found, kept beside the layer's delta: most images stand on layers known already.

A scan goes with its delta when that is collected. What cannot be read is made again.
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
from lissom.store.deltas import Delta, id_of
from lissom.store.entries import decode
from lissom.store.files import storing, write_whole

__all__ = ["keep", "kept"]

_FORM = 1
"""Another number whenever scans tell something else: those of before count no more."""

_LARGEST = 64 << 20


def kept(world: World, layer: Layer) -> Scan | None:
    """The scan of a layer that was kept; None without one."""
    delta = world.snapshots.find(id_of(layer.diff_id))
    entries = delta and world.snapshots.deltas.entries(delta)
    if not delta or not entries:
        return None
    told, contents = _paths(world, delta)
    with suppress(LissomError, OSError, AttributeError, KeyError, TypeError, ValueError):
        return _read(accounts.unpacked(told.read_bytes(), "a scan"), entries, contents)
    return None


def keep(world: World, layer: Layer, scan: Scan) -> None:
    """Keep a scan of a layer whose blob the store has, unless it holds much to be read again. Raises StoreError."""
    entries = scan.changeset.entries
    contents = {path: entry.content for path, entry in entries.items() if entry.content is not None}
    if sum(entries[path].size for path in contents) > _LARGEST or not world.store.has(layer.descriptor.digest):
        return
    data, places = bytearray(), dict[str, list[int]]()
    for path, content in contents.items():
        places[path] = [len(data), entries[path].size]
        with content.open() as stream:
            data += stream.read()
    delta = world.snapshots.adopt(layer)
    if world.snapshots.deltas.entries(delta) is None:
        world.snapshots.deltas.add_entries(delta, scan.changeset)
    told, beside = _paths(world, delta)
    document = json.dumps(_document(scan, places), separators=(",", ":")).encode()
    with storing(world.store.root, "a scan"):
        write_whole(beside, bytes(data), world.store.temporary, durable=False)
        write_whole(told, zstandard.compress(document, 1), world.store.temporary, durable=False)


def _paths(world: World, delta: Delta) -> tuple[Path, Path]:
    directory = world.snapshots.deltas.path(delta)
    return directory / f"scan-{_FORM}.json.zst", directory / f"scan-{_FORM}"


def _document(scan: Scan, places: Mapping[str, list[int]]) -> dict[str, Any]:
    return {
        "contents": places,
        "links": scan.links,
        "digests": {path: b64encode(digest).decode() for path, digest in scan.digests.items()},
        "symbols": {path: [found.debug, found.table] for path, found in scan.symbols.items()},
        "needs": scan.needs,
        "secrets": scan.secrets,
        "tar": scan.tar,
    }


def _read(document: Any, entries: bytes, file: Path) -> Scan:
    size = file.stat().st_size
    places = {path: FileSlice(file, int(at), int(length)) for path, (at, length) in document["contents"].items()}
    if any(place.offset < 0 or place.size < 0 or place.offset + place.size > size for place in places.values()):
        raise ValueError("a content lies outside of its file")
    return Scan(
        decode(entries, places.get),
        links=dict(document["links"]),
        digests={path: b64decode(digest) for path, digest in document["digests"].items()},
        symbols={path: Symbols(int(debug), int(table)) for path, (debug, table) in document["symbols"].items()},
        needs={path: None if names is None else tuple(names) for path, names in document["needs"].items()},
        secrets=dict(document["secrets"]),
        tar=int(document["tar"]),
    )
