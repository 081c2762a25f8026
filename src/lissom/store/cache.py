"""The build cache: which delta a step made, by the digest of what the step depends on.

A record is written last, whole; a record whose delta is gone counts as missing. Using a record renews it: garbage
collection takes the longest unused first.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lissom.errors import IntegrityError
from lissom.store.files import read_json, storing, write_json
from lissom.store.store import Store

__all__ = ["Cache", "Record"]


@dataclass(frozen=True, slots=True)
class Record:
    """What a step made: ``delta`` is its id, ``parent`` the id of the delta it was made on (empty: any).

    ``created`` is when, as RFC 3339; ``parts`` are the named parts of its key; ``empty`` means that it changed nothing.
    """

    delta: str
    parent: str
    created: str
    parts: Mapping[str, str]
    empty: bool = False


class Cache:
    """Records and notes of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.private / "cache"
        self._deltas = store.private / "snapshots"

    def get(self, key: str) -> Record | None:
        """The record of ``key``; None when there is none, or when its delta is gone. Counts as use."""
        path = self._path("records", key)
        record = _record(read_json(path))
        if record is None or not (self._deltas / record.delta / "delta.json").exists():
            return None
        with suppress(OSError):
            os.utime(path)
            os.utime(self._deltas / record.delta / "delta.json")
        return record

    def put(self, key: str, record: Record) -> None:
        """Remember what a step made; an older record of the same key is replaced."""
        self._write(self._path("records", key), asdict(record))

    def last(self, slot: str) -> Mapping[str, str] | None:
        """The named parts of the last key of ``slot``, a place in a Dockerfile, so that a miss can be explained."""
        found = read_json(self._path("slots", _hashed(slot)))
        return found if isinstance(found, dict) else None

    def remember(self, slot: str, parts: Mapping[str, str]) -> None:
        """Keep the parts of a slot's key."""
        if self.last(slot) != parts:
            self._write(self._path("slots", _hashed(slot)), dict(parts))

    def note(self, name: str) -> str | None:
        """A value remembered under ``name``, such as the digest of what a COPY selects."""
        found = read_json(self._path("notes", _hashed(name)))
        return found if isinstance(found, str) else None

    def remember_note(self, name: str, value: str) -> None:
        """Keep a value."""
        self._write(self._path("notes", _hashed(name)), value)

    def notes(self) -> Iterator[str]:
        """Every remembered value."""
        for path in (self._folder / "notes").glob("*/*.json"):
            found = read_json(path)
            if isinstance(found, str):
                yield found

    def records(self) -> Iterator[tuple[Path, Record, float]]:
        """Every record with its file and when it was used last, in seconds since 1970."""
        for path in sorted((self._folder / "records").glob("*/*.json")):
            record = _record(read_json(path))
            if record is not None:
                yield path, record, path.stat().st_mtime

    def _path(self, kind: str, key: str) -> Path:
        return self._folder / kind / key[:2] / f"{key}.json"

    def _write(self, path: Path, document: Any) -> None:
        with storing(self._store.root, "the build cache"):
            path.parent.mkdir(parents=True, exist_ok=True)
            # A record that a power cut takes away is a step that runs again: it need not be synced.
            write_json(path, document, self._store.temporary, durable=False)


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()


def _record(document: Any) -> Record | None:
    if document is None:
        return None
    try:
        return Record(**document)
    except TypeError as error:
        raise IntegrityError(f"cannot read a record of the build cache: it is damaged ({error})") from error
