"""A changeset as a file: the list of entries that lets a tree be read without unpacking anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from typing import Any

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Content, Entry, Kind
from lissom.rootfs.tree import Changeset

__all__ = ["decode", "encode"]

_AT_ONCE = 1000
_KINDS = {kind.value: kind for kind in Kind}


def encode(changeset: Changeset) -> bytes:
    """The entries as JSON rows; contents are left out. Bytes of xattrs are written as Latin-1 text."""
    document = {"whiteouts": sorted(changeset.whiteouts), "opaques": sorted(changeset.opaques)}
    head = json.dumps(document, separators=(",", ":"))[:-1]
    # By the thousand: as one list, the rows of a large layer would take more memory than all else.
    rows, parts = iter(changeset.entries.values()), list[bytes]()
    while some := [_row(entry) for entry in islice(rows, _AT_ONCE)]:
        parts.append(json.dumps(some, separators=(",", ":"))[1:-1].encode())
    return f'{head},"entries":['.encode() + b",".join(parts) + b"]}"


def _row(entry: Entry) -> list[Any]:
    row: list[Any] = [entry.path, entry.kind.value, entry.mode, entry.uid, entry.gid, entry.mtime, entry.size]
    if entry.link or entry.inode or entry.xattrs or entry.device != (0, 0):
        xattrs = {name: value.decode("latin-1") for name, value in entry.xattrs.items()}
        row += [entry.link, entry.inode, xattrs, *entry.device]
    return row


def decode(data: bytes, content: Callable[[str], Content | None]) -> Changeset:
    """Read ``encode``'s rows; ``content`` tells where the bytes of a regular file are. Raises IntegrityError."""
    try:
        document = json.loads(data)
        entries = {row[0]: _entry(row, content) for row in document["entries"]}
        return Changeset(entries, frozenset(document["whiteouts"]), frozenset(document["opaques"]))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise IntegrityError(f"cannot read a list of entries: it is damaged ({error})") from error


def _entry(row: list[Any], content: Callable[[str], Content | None]) -> Entry:
    path, kind = row[0], _KINDS[row[1]]
    where = content(path) if kind is Kind.FILE else None
    if len(row) == 7:
        return Entry(path, kind, row[2], row[3], row[4], row[5], row[6], content=where)
    xattrs = {name: value.encode("latin-1") for name, value in row[9].items()}
    return Entry(
        path, kind, row[2], row[3], row[4], row[5], row[6], row[7], (row[10], row[11]), xattrs, row[8], where
    )  # fmt: skip
