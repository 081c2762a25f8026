"""The entries of a changeset in a file of their own, so that a layer need not be walked again.

The file is gzipped JSON: one list for each field of all entries (columns load faster than rows).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from isal import isal_zlib

from lissom.errors import StoreError
from lissom.rootfs.entry import Entry, HostFile, Kind
from lissom.rootfs.tree import Changeset

__all__ = ["read_index", "write_index"]

_VERSION = 1
_KINDS = list(Kind)
_NO_DEVICE = (0, 0)


def write_index(changeset: Changeset, path: Path) -> None:
    """Write the entries of ``changeset``, without content, to ``path``, which then holds all or what it held before."""
    entries = list(changeset.entries.values())
    document = {
        "version": _VERSION,
        "whiteouts": sorted(changeset.whiteouts),
        "opaques": sorted(changeset.opaques),
        "path": [e.path for e in entries],
        "kind": [_KINDS.index(e.kind) for e in entries],
        "mode": [e.mode for e in entries],
        "uid": [e.uid for e in entries],
        "gid": [e.gid for e in entries],
        "mtime": [e.mtime for e in entries],
        "size": [e.size for e in entries],
        "link": _sparse((i, e.link) for i, e in enumerate(entries)),
        "device": _sparse((i, e.device if e.device != _NO_DEVICE else None) for i, e in enumerate(entries)),
        "inode": _sparse((i, e.inode) for i, e in enumerate(entries)),
        "xattrs": _sparse(
            (i, {name: value.hex() for name, value in e.xattrs.items()}) for i, e in enumerate(entries) if e.xattrs
        ),
    }
    data = isal_zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _sparse(values: Iterable[tuple[int, Any]]) -> dict[int, Any]:
    return {index: value for index, value in values if value}


def read_index(path: Path, root: Path) -> Changeset:
    """Read what ``write_index`` wrote; the content of a file is the one of its path below ``root``.

    Raises StoreError when the file is missing, damaged or of another version.
    """
    damaged: Any = (OSError, ValueError, KeyError, TypeError, IndexError, isal_zlib.error)
    try:
        document = json.loads(isal_zlib.decompress(path.read_bytes()))
        if document["version"] != _VERSION:
            raise StoreError(f"cannot read `{path}`: it is of version {document['version']}, not {_VERSION}")
        return _changeset(document, root)
    except damaged as error:
        raise StoreError(f"cannot read `{path}`: {error}") from error


def _changeset(document: dict[str, Any], root: Path) -> Changeset:
    paths = document["path"]
    count = len(paths)
    links, inodes = _dense(document["link"], count, ""), _dense(document["inode"], count, "")
    devices: list[Any] = [_NO_DEVICE] * count
    for index, device in document["device"].items():
        devices[int(index)] = tuple(device)
    xattrs: list[dict[str, bytes]] = [{}] * count
    for index, values in document["xattrs"].items():
        xattrs[int(index)] = {name: bytes.fromhex(value) for name, value in values.items()}
    kinds = [_KINDS[number] for number in document["kind"]]
    prefix = os.fspath(root) + "/"
    contents = [
        HostFile(Path(prefix + path)) if kind is Kind.FILE else None for path, kind in zip(paths, kinds, strict=True)
    ]
    columns = (document[name] for name in ("mode", "uid", "gid", "mtime", "size"))
    entries = map(Entry, paths, kinds, *columns, links, devices, xattrs, inodes, contents)
    by_path = dict(zip(paths, entries, strict=True))
    return Changeset(by_path, frozenset(document["whiteouts"]), frozenset(document["opaques"]))


def _dense(sparse: dict[str, str], count: int, default: str) -> list[str]:
    values = [default] * count
    for index, value in sparse.items():
        values[int(index)] = value
    return values
