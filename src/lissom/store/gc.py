"""What can be freed, and freeing it.

Named images keep their blobs, and what refers to them. Deltas are kept while an image, a record of the build cache or
a note names them. A limit for what is kept beyond images takes the longest unused first; what runs is never touched,
since collecting needs the store alone.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lissom.store.accounts import FOLDERS
from lissom.store.cache import Cache
from lissom.store.deltas import Deltas
from lissom.store.files import read_json, remove_tree
from lissom.store.lock import acquire
from lissom.store.names import Named
from lissom.store.store import Store
from lissom.store.survey import Held, Reach, blobs_of, held_deltas, held_downloads, held_mounts, reach, size_below

__all__ = ["Collected", "Share", "Usage", "collect", "df"]

_PATIENCE = 3.0
_PARTIAL_AGE = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Share:
    """One line of ``df``: how many, their bytes, and how many bytes garbage collection could free."""

    count: int
    size: int
    reclaimable: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What the store holds. ``unique`` and ``shared`` are bytes of image layers that one or several images use."""

    images: Share
    unique: int
    shared: int
    snapshots: Share
    cache: Share
    mounts: Share
    downloads: Share
    temporary: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What was freed: numbers of things, and bytes."""

    images: int
    blobs: int
    snapshots: int
    records: int
    mounts: int
    downloads: int
    size: int


def df(store: Store) -> Usage:
    """What the store holds and what can be freed."""
    entries = store.entries()
    live = reach(store, [e for e in entries if e.reference])
    everything = reach(store, entries)
    blobs, deltas, mounts = blobs_of(store), held_deltas(store), held_mounts(store)
    downloads = held_downloads(store)
    fetched = sum(one.size for one in downloads)
    counted: dict[str, int] = {}
    for image in {e.descriptor.digest: e for e in entries}.values():
        for layer in reach(store, [image]).layers:
            counted[layer] = counted.get(layer, 0) + 1
    loose = sum(size for digest, size in blobs.items() if digest not in everything.blobs)
    imaged = sum(size for digest, size in blobs.items() if digest in everything.blobs)
    lost = sum(size for digest, size in blobs.items() if digest in everything.blobs and digest not in live.blobs)
    records = sum(1 for _ in Cache(store).records())
    unpacked = sum(d.size for d in deltas.values())
    cached = sum(m.size for m in mounts)
    return Usage(
        images=Share(len({e.descriptor.digest for e in entries}), imaged, lost),
        unique=sum(blobs.get(d, 0) for d in everything.layers if counted.get(d, 0) < 2),
        shared=sum(blobs.get(d, 0) for d in everything.layers if counted.get(d, 0) > 1),
        snapshots=Share(len(deltas), unpacked, unpacked),
        cache=Share(records, loose, loose),
        mounts=Share(len(mounts), cached, cached),
        downloads=Share(len(downloads), fetched, fetched),
        temporary=size_below(store.temporary) + size_below(store.private / "ingest"),
    )


def collect(store: Store, *, keep_bytes: int | None = None) -> Collected:
    """Free what nothing uses, and of snapshots, cache, cache mounts and downloads all beyond ``keep_bytes``.

    Needs the store alone: raises StoreError, naming who works in it, when another lissom does for some seconds.
    """
    acquire(store.lock, store.lock_path, shared=False, patience=_PATIENCE, purpose="collect garbage in")
    try:
        return _Collection(store, keep_bytes).run()
    finally:
        acquire(store.lock, store.lock_path, shared=True, patience=_PATIENCE, purpose="open")


class _Collection:
    def __init__(self, store: Store, keep_bytes: int | None) -> None:
        self._store = store
        self._keep = keep_bytes
        self._cache = Cache(store)
        self._deltas = Deltas(store)
        self._freed = 0

    def run(self) -> Collected:
        nameless = [e for e in self._store.entries() if e.reference is None]
        self._store.names.drop_nameless()
        entries: list[Named] = [e for e in self._store.entries() if e.reference]
        live = reach(self._store, entries)
        self._clear_temporary()
        deltas = held_deltas(self._store)
        chosen, others = self._choose(live, deltas)
        mounts = [held for held in others if held.path.is_dir()]
        downloads = [held for held in others if held not in mounts]
        for held in (*chosen, *mounts):
            self._deltas.drop(held.path)
            self._freed += held.size
        for held in downloads:
            held.path.unlink(missing_ok=True)
            self._freed += held.size
        records = self._drop_records()
        gone = {held.id for held in chosen}
        kept = live.blobs | {b for held in deltas.values() if held.id not in gone for b in held.blobs}
        blobs = self._drop_blobs(kept)
        self._drop_accounts(live)
        self._store.catalog.keep(live.blobs)
        self._store.attached.clear(keep=live.blobs.__contains__)
        return Collected(
            len(nameless), blobs, len(chosen), records, len(mounts), downloads=len(downloads), size=self._freed
        )

    def _choose(self, live: Reach, deltas: dict[str, Held]) -> tuple[list[Held], list[Held]]:
        """What goes: deltas that nothing names, then the longest unused of all until the rest fits; deltas apart."""
        wanted = live.deltas | self._named_by_cache()
        wanted |= {same for name in wanted if (same := self._same(name))}
        garbage = [held for name, held in deltas.items() if name not in wanted]
        if self._keep is None:
            return garbage, []
        rest = [held for name, held in deltas.items() if name in wanted]
        others = (*held_mounts(self._store), *held_downloads(self._store))
        queue = sorted([*rest, *others], key=lambda held: held.used)
        sizes = blobs_of(self._store)
        costs = {
            held.path: held.size + sum(sizes.get(b, 0) for b in held.blobs if b not in live.blobs) for held in queue
        }
        left = sum(costs.values())
        gone: list[Held] = []
        for held in queue:
            if left <= self._keep:
                break
            left -= costs[held.path]
            (garbage if held.id else gone).append(held)
        return garbage, gone

    def _named_by_cache(self) -> frozenset[str]:
        named = {name for _, record, _ in self._cache.records() for name in (record.delta, record.parent)}
        return frozenset(named | set(self._cache.notes()))

    def _same(self, name: str) -> str:
        document = read_json(self._deltas.folder / name / "delta.json") or {}
        return str(document.get("same") or "")

    def _drop_records(self) -> int:
        count = 0
        for path, record, _ in self._cache.records():
            if not (self._deltas.folder / record.delta / "delta.json").exists():
                path.unlink(missing_ok=True)
                count += 1
        return count

    def _drop_blobs(self, kept: frozenset[str]) -> int:
        count = 0
        for digest, size in blobs_of(self._store).items():
            if digest not in kept:
                self._store.path(digest).unlink(missing_ok=True)
                self._freed += size
                count += 1
        return count

    def _drop_accounts(self, live: Reach) -> None:
        """What was told of images that are gone."""
        digests = {digest.hex for digest in live.blobs}
        for path in (path for folder in FOLDERS for path in (self._store.private / folder).glob("*")):
            if path.name.partition(".")[0] not in digests:
                self._freed += path.stat().st_size
                path.unlink()

    def _clear_temporary(self) -> None:
        remove_tree(self._store.private / "replay")
        for name in os.listdir(self._store.temporary):
            self._freed += size_below(self._store.temporary / name)
            remove_tree(self._store.temporary / name)
        self._drop_parts()

    def _drop_parts(self) -> None:
        """Parts of transfers that nobody completes. Nobody is at one: the store is ours alone."""
        for path in self._store.ingest.folder.iterdir():
            with suppress(FileNotFoundError):
                status = path.stat()
                if self._keep == 0 or time.time() - status.st_mtime > _PARTIAL_AGE or self._is_there(path):
                    path.unlink()
                    self._freed += status.st_blocks * 512

    def _is_there(self, part: Path) -> bool:
        algorithm, _, digits = part.stem.partition("-")
        return (self._store.root / "blobs" / algorithm / digits).exists()
