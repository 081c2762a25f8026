"""Where everything in an image comes from as JSON, for a report and, compressed, for the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any, TypeVar

from lissom.distroless.evidence.provenance import LayerRow, LeftOut, Member, Present, Provenance
from lissom.errors import IntegrityError
from lissom.oci.digest import Digest
from lissom.store import accounts
from lissom.store.store import Store

__all__ = ["find_provenance", "pack", "parse", "put_provenance", "to_json", "unpack"]

_FORMAT = 1
_FOLDER = "distroless"
_WHAT = "the account of a distroless image"
_Row = TypeVar("_Row", Member, Present, LeftOut)


def to_json(found: Provenance) -> dict[str, Any]:
    """As a JSON object. Paths begin with a slash; fields that say nothing (0, empty, ``file``) are left out of rows."""
    return {
        "format": _FORMAT,
        "name": found.name,
        "digest": found.digest,
        "platform": found.platform,
        "version": found.version,
        "created": found.created,
        "packages": _said(found.packages),
        "layers": [{**asdict(layer), "packages": list(layer.packages)} for layer in found.layers],
        "present": _said(found.present),
        "left_out": _said(found.left_out),
    }


def _said(rows: Iterable[Member | Present | LeftOut]) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        said = {one.name: getattr(row, one.name) for one in fields(row)}
        document = {one.name: said[one.name] for one in fields(row) if said[one.name] != one.default}
        found.append(document | ({"path": f"/{said['path']}"} if "path" in said else {}))
    return found


def parse(document: Any) -> Provenance:
    """Read what ``to_json`` gives. Raises IntegrityError for what it cannot have given."""
    try:
        if document["format"] != _FORMAT:
            raise IntegrityError(f"cannot read {_WHAT}: its format is `{document['format']}`, not {_FORMAT}")
        return Provenance(
            name=_text(document["name"]),
            digest=_text(document["digest"]),
            platform=_text(document["platform"]),
            version=_text(document["version"]),
            created=_text(document["created"]),
            packages=_rows(Member, document["packages"]),
            layers=tuple(_layer(item) for item in document["layers"]),
            present=_rows(Present, document["present"]),
            left_out=_rows(LeftOut, document["left_out"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise IntegrityError(f"cannot read {_WHAT}: {error!r}") from error


def _rows(kind: type[_Row], items: Iterable[Mapping[str, Any]]) -> tuple[_Row, ...]:
    expected = {one.name: int if one.type == "int" else str for one in fields(kind)}
    needed = {one.name for one in fields(kind) if one.default is MISSING}
    found = []
    for item in items:
        if needed - item.keys() or any(type(value) is not expected[name] for name, value in item.items()):
            raise ValueError(f"`{item!r}` is no {kind.__name__}")
        found.append(kind(**(dict(item) | ({"path": item["path"].removeprefix("/")} if "path" in item else {}))))
    return tuple(found)


def _layer(item: Mapping[str, Any]) -> LayerRow:
    name, reason, diff_id = (_text(item[key]) for key in ("name", "reason", "diff_id"))
    packages = tuple(_text(package) for package in item["packages"])
    return LayerRow(name, packages, reason, diff_id, int(item["size"]), int(item["compressed"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"`{value!r}` is not a text")
    return value


def pack(found: Provenance) -> bytes:
    """As compressed JSON."""
    return accounts.packed(to_json(found))


def unpack(data: bytes) -> Provenance:
    """Read what ``pack`` gives. Raises IntegrityError."""
    return parse(accounts.unpacked(data, _WHAT))


def put_provenance(store: Store, found: Provenance) -> None:
    """Keep it beside the store's images."""
    accounts.put(store, _FOLDER, Digest(found.digest), pack(found), _WHAT)


def find_provenance(store: Store, digest: Digest) -> Provenance | None:
    """Where everything in the image with manifest ``digest`` comes from; None when this store does not know."""
    data = accounts.find(store, _FOLDER, digest)
    return None if data is None else unpack(data)
