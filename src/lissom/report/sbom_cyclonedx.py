"""Inventories as CycloneDX 1.6 in JSON (ECMA-424)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lissom.analysis.inventory.component import Component, File, Inventory, Maintainer
from lissom.report.sbom_json import encoded, moment, number

__all__ = ["cyclonedx"]

_IMAGE = "image"
_TYPES = {"os": "operating-system", "runtime": "platform"}


def cyclonedx(inventory: Inventory, version: str) -> bytes:
    """A bill of the image, made by lissom of that ``version``; the same inventory gives the same bytes."""
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "",
        "version": 1,
        "metadata": {
            "timestamp": moment(inventory.created),
            "tools": {"components": [{"type": "application", "name": "lissom", "version": version}]},
            "component": {
                "type": "container",
                "bom-ref": _IMAGE,
                "name": inventory.name,
                "version": inventory.digest,
                "hashes": [_hash(inventory.digest.partition(":")[2])],
                "purl": inventory.purl,
            },
        },
        "components": [*map(_component, inventory.components), *_files(inventory.files)],
        "dependencies": _dependencies(inventory),
    }
    document["serialNumber"] = f"urn:uuid:{number(document)}"
    return encoded(document)


def _component(one: Component) -> dict[str, Any]:
    fields = {
        "type": _TYPES.get(one.kind, "library"),
        "bom-ref": one.ref,
        "supplier": _supplier(one.maintainer) if one.maintainer else None,
        "group": one.group,
        "name": one.name,
        "version": one.version,
        "description": one.summary,
        "hashes": [_hash(one.making.sha256)] if one.making.sha256 else [],
        "licenses": [{"expression": one.licence.expression}] if one.licence.expression else [],
        "cpe": one.cpe,
        "purl": one.purl,
        "externalReferences": [{"type": "website", "url": one.homepage}] if one.homepage else [],
        "properties": [
            {"name": f"lissom:{name}", "value": value}
            for name, value in (("source", one.source), ("left-out", one.making.left_out))
            if value
        ],
        "components": _files(one.files),
        "evidence": {"occurrences": [{"location": one.found}]} if one.found else None,
    }
    return {key: value for key, value in fields.items() if value}


def _supplier(maintainer: Maintainer) -> dict[str, Any]:
    contact = {"contact": [{"email": maintainer.mail}]} if maintainer.mail else {}
    return {"name": maintainer.name, **contact}


def _files(files: Iterable[File]) -> list[dict[str, Any]]:
    return [{"type": "file", "name": file.path, "hashes": [_hash(file.sha256), _hash(file.sha1, "SHA-1")]}
            for file in files]  # fmt: skip


def _dependencies(inventory: Inventory) -> list[dict[str, Any]]:
    """What needs or holds what. The image needs what nothing else does, and one of each circle: all can be reached."""
    edges = {one.ref: sorted({*one.requires, *one.holds}) for one in inventory.components}
    inner = {ref for others in edges.values() for ref in others}
    first: list[str] = []
    reached: set[str] = set()
    for ref in sorted(edges, key=lambda ref: (ref in inner, ref)):
        if ref not in reached:
            first.append(ref)
            _reach(ref, edges, reached)
    rows = {_IMAGE: sorted(first), **edges}
    return [{"ref": ref, "dependsOn": others} if others else {"ref": ref} for ref, others in rows.items()]


def _reach(ref: str, edges: Mapping[str, list[str]], reached: set[str]) -> None:
    waiting = [ref]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += edges[ref]


def _hash(value: str, algorithm: str = "SHA-256") -> dict[str, str]:
    return {"alg": algorithm, "content": value}
