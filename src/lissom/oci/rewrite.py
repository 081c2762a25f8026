"""Manifests and indexes made anew over other layers or children, and between OCI's and docker's media types.

What is not known is carried over as it is. Docker's schema 2 knows neither annotations nor subjects nor artifacts: what
gets lost is told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from lissom.oci.digest import Digest
from lissom.oci.document import (
    CONFIG,
    CONFIG_TYPES,
    DOCKER_CONFIG,
    DOCKER_INDEX,
    DOCKER_LAYER,
    DOCKER_LAYER_GZIP,
    DOCKER_MANIFEST,
    INDEX,
    LAYER,
    LAYER_GZIP,
    MANIFEST,
    Descriptor,
    Index,
    Manifest,
    canonical,
)

__all__ = ["in_family", "index_over", "lost", "manifest_over"]

# What only describes the compressed bytes that a layer had before, by the beginning of its name.
_OF_THE_BYTES = ("io.github.containers.zstd-chunked.", "containerd.io/snapshot/")
_OF_THE_BLOB = ("urls", "data")
_REFERS_TO = "vnd.docker.reference.digest"
_NOT_IN_DOCKER = ("annotations", "subject", "artifactType")
_FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar"
_NONDISTRIBUTABLE = "application/vnd.oci.image.layer.nondistributable.v1.tar"

_TO_DOCKER = {
    MANIFEST: DOCKER_MANIFEST,
    INDEX: DOCKER_INDEX,
    CONFIG: DOCKER_CONFIG,
    LAYER: DOCKER_LAYER,
    LAYER_GZIP: DOCKER_LAYER_GZIP,
    _NONDISTRIBUTABLE: _FOREIGN,
    _NONDISTRIBUTABLE + "+gzip": _FOREIGN + ".gzip",
}
_TO_OCI = {docker: oci for oci, docker in _TO_DOCKER.items()}


def in_family(media_type: str, *, docker: bool) -> str:
    """The name of the same format among docker's types, or among OCI's; what has no other name keeps its own."""
    return (_TO_DOCKER if docker else _TO_OCI).get(media_type, media_type)


def manifest_over(manifest: Manifest, layers: Mapping[Digest, Descriptor], *, docker: bool) -> Manifest:
    """``manifest`` with other layers in place of those that ``layers`` names, in docker's types or in OCI's.

    Gives the same manifest, byte for byte, when nothing differs.
    """
    document = json.loads(manifest.raw)
    document["layers"] = [_other(layer, layers, docker=docker) for layer in document["layers"]]
    document["config"] = _renamed(document["config"], docker=docker)
    document = _renamed(_typed(document, manifest.media_type), docker=docker)
    if document == json.loads(manifest.raw):
        return manifest
    return Manifest.parse(canonical(document))


def index_over(
    index: Index, children: Mapping[Digest, Descriptor], left_out: Collection[Digest], *, docker: bool
) -> Index:
    """``index`` over other children, without those that are left out; attestations refer to what their image became."""
    document = json.loads(index.raw)
    kept = [child for child in document["manifests"] if child["digest"] not in left_out]
    document["manifests"] = [_refers(_other(child, children, docker=docker), children) for child in kept]
    document = _renamed(_typed(document, index.media_type), docker=docker)
    if document == json.loads(index.raw):
        return index
    return Index.parse(canonical(document))


def lost(document: Manifest | Index) -> list[str]:
    """What of an OCI document has no place in one of docker's, in its words."""
    fields = json.loads(document.raw)
    return [name for name in _NOT_IN_DOCKER if fields.get(name)]


def _typed(document: dict[str, Any], media_type: str) -> dict[str, Any]:
    """A document that says what it is, where others say it."""
    if "mediaType" in document:
        return document
    return {"schemaVersion": document.get("schemaVersion", 2), "mediaType": media_type} | document


def _other(entry: dict[str, Any], others: Mapping[Digest, Descriptor], *, docker: bool) -> dict[str, Any]:
    other = others.get(entry["digest"])
    if other and other.digest != entry["digest"]:
        entry = {key: value for key, value in entry.items() if key not in _OF_THE_BLOB}
        entry |= {"mediaType": other.media_type, "digest": str(other.digest), "size": other.size}
        notes = entry.pop("annotations", None) or {}
        kept = {key: value for key, value in notes.items() if not key.startswith(_OF_THE_BYTES)}
        entry |= {"annotations": kept} if kept else {}
    elif other:
        entry = entry | {"mediaType": other.media_type}
    return _renamed(entry, docker=docker)


def _renamed(fields: dict[str, Any], *, docker: bool) -> dict[str, Any]:
    """Fields of a document or descriptor with its media type in the family asked for."""
    media_type = in_family(fields.get("mediaType", ""), docker=docker)
    if media_type in CONFIG_TYPES and docker:
        media_type = DOCKER_CONFIG
    renamed = fields | {"mediaType": media_type}
    if docker:
        renamed = {key: value for key, value in renamed.items() if key not in _NOT_IN_DOCKER}
    return renamed


def _refers(entry: dict[str, Any], children: Mapping[Digest, Descriptor]) -> dict[str, Any]:
    notes = entry.get("annotations") or {}
    other = children.get(notes.get(_REFERS_TO, ""))
    return entry | {"annotations": {**notes, _REFERS_TO: str(other.digest)}} if other else entry
