"""Accounts as JSON, for a report and, compressed, for the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from lissom.analysis.surface import Surface
from lissom.errors import IntegrityError
from lissom.oci.digest import Digest
from lissom.slim.account import Account, Kept, ProbeRow, Removed, Repair, Side
from lissom.store import accounts
from lissom.store.store import Store

__all__ = ["find_account", "pack", "parse", "put_account", "to_json", "unpack"]

_FORMAT = 1
_FOLDER = "slims"
_WHAT = "the account of a slim"


def to_json(account: Account) -> dict[str, Any]:
    """As a JSON object. Paths begin with a slash; fields that say nothing (0, empty, ``file``) are left out of rows."""
    kept = account.kept_paths
    return {
        "format": _FORMAT,
        "before": asdict(account.before),
        "after": asdict(account.after),
        "level": account.level,
        "version": account.version,
        "created": account.created,
        "verdict": account.verdict,
        "rules": dict(account.rules),
        "probes": [asdict(probe) for probe in account.probes],
        "repairs": [{**asdict(repair), "path": f"/{repair.path}"} for repair in account.repairs],
        "modules": list(account.modules),
        "calls": list(account.calls),
        "warnings": list(account.warnings),
        "surface": {
            "before": account.surface_before.to_json() if account.surface_before else None,
            "after": account.surface_after.to_json() if account.surface_after else None,
        },
        "timing": dict(account.timing),
        "kept": [_kept(row, kept) for row in account.kept],
        "removed": [_removed(row) for row in account.removed],
    }


def _kept(row: Kept, kept: Mapping[str, Kept]) -> dict[str, Any]:
    found: dict[str, Any] = {"path": f"/{row.path}", "reason": row.reason}
    if row.because_of:
        found["because_of"] = f"/{row.because_of}" if row.because_of in kept else row.because_of
    if row.size:
        found["size"] = row.size
    if row.original != row.size:
        found["original"] = row.original
    if row.package:
        found["package"] = row.package
    if row.kind != "file":
        found["kind"] = row.kind
    return found


def _removed(row: Removed) -> dict[str, Any]:
    found: dict[str, Any] = {"path": f"/{row.path}"}
    if row.size:
        found["size"] = row.size
    if row.package:
        found["package"] = row.package
    if row.kind != "file":
        found["kind"] = row.kind
    if row.reason:
        found["reason"] = row.reason
    return found


def parse(document: Any) -> Account:
    """Read what ``to_json`` gives. Raises IntegrityError for what it cannot have given."""
    try:
        if document["format"] != _FORMAT:
            raise IntegrityError(f"cannot read the account of a slim: its format is `{document['format']}`, not 1")
        surface = document["surface"]
        return Account(
            before=_side(document["before"]),
            after=_side(document["after"]),
            level=_text(document["level"]),
            version=_text(document["version"]),
            created=_text(document["created"]),
            rules={_text(name): _text(says) for name, says in document["rules"].items()},
            probes=tuple(_probe(item) for item in document["probes"]),
            repairs=tuple(
                Repair(_path(item["path"]), int(item["round"]), _text(item["because_of"]))
                for item in document["repairs"]
            ),
            modules=_texts(document["modules"]),
            calls=_texts(document["calls"]),
            warnings=_texts(document["warnings"]),
            surface_before=Surface.parse(surface["before"]) if surface["before"] else None,
            surface_after=Surface.parse(surface["after"]) if surface["after"] else None,
            timing={_text(phase): float(seconds) for phase, seconds in document["timing"].items()},
            kept=_kept_rows(document["kept"]),
            removed=_removed_rows(document["removed"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise IntegrityError(f"cannot read the account of a slim: {error!r}") from error


def _kept_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Kept, ...]:
    known = {_path(row["path"]) for row in rows}
    found = []
    for row in rows:
        because_of, size = _text(row.get("because_of", "")), int(row.get("size", 0))
        if because_of.startswith("/") and because_of[1:] in known:
            because_of = because_of[1:]
        original, package = int(row.get("original", size)), _text(row.get("package", ""))
        kind = _text(row.get("kind", "file"))
        found.append(Kept(_path(row["path"]), _text(row["reason"]), because_of, size, original, package, kind))
    return tuple(found)


def _removed_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Removed, ...]:
    return tuple(
        Removed(
            _path(row["path"]),
            int(row.get("size", 0)),
            _text(row.get("package", "")),
            _text(row.get("kind", "file")),
            _text(row.get("reason", "")),
        )
        for row in rows
    )


def _side(document: Mapping[str, Any]) -> Side:
    known = {item.name: document[item.name] for item in fields(Side)}
    numbers = {name: int(value) for name, value in known.items() if name not in ("reference", "digest")}
    return Side(_text(known["reference"]), _text(known["digest"]), **numbers)


def _probe(item: Mapping[str, Any]) -> ProbeRow:
    name, before, after, result = (_text(item[key]) for key in ("name", "before", "after", "result"))
    return ProbeRow(name, before, after, result, float(item["seconds_before"]), float(item["seconds_after"]))


def _path(value: Any) -> str:
    return _text(value).removeprefix("/")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"`{value!r}` is not a text")
    return value


def pack(account: Account) -> bytes:
    """As compressed JSON."""
    return accounts.packed(to_json(account))


def unpack(data: bytes) -> Account:
    """Read what ``pack`` gives. Raises IntegrityError."""
    return parse(accounts.unpacked(data, _WHAT))


def put_account(store: Store, account: Account) -> None:
    """Keep the account of the image ``account.after`` beside the store's images."""
    accounts.put(store, _FOLDER, Digest(account.after.digest), pack(account), _WHAT)


def find_account(store: Store, digest: Digest) -> Account | None:
    """The account of the slim that made the image with manifest ``digest``; None when this store knows of none."""
    data = accounts.find(store, _FOLDER, digest)
    return None if data is None else unpack(data)
