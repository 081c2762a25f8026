"""What refers to an image, as a tree for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lissom.image.attestation import PREDICATE
from lissom.image.referrer import Referred, Referrer
from lissom.oci.document import INDEX_TYPES, Descriptor
from lissom.report.harmless import harmless
from lissom.report.terminal import ago, size, table

__all__ = ["referrers_data", "referrers_text"]

_TITLE = "org.opencontainers.image.title"
_CREATED = "org.opencontainers.image.created"

_Node = Referred | Referrer


def referrers_text(found: Referred) -> str:
    """A tree: the image, what refers to it, what refers to that; the images of an index with theirs."""
    rows = [_cells(found, ""), *_rows(_inner(found), "")]
    lines = table(["DIGEST", "TYPE", "SIZE", "CREATED", "CONTENT"], rows)
    return lines if any(found.all()) else f"{lines}\n\nNothing refers to it."


def referrers_data(found: Referred) -> dict[str, Any]:
    """The same as JSON: descriptors as they are listed, and how each belongs to its image."""
    return {
        "descriptor": found.descriptor.to_json(),
        "referrers": [_referrer_data(one) for one in found.referrers],
        "manifests": [referrers_data(one) for one in found.images],
    }


def _referrer_data(one: Referrer) -> dict[str, Any]:
    descriptor = {k: v for k, v in one.descriptor.to_json().items() if k != "annotations"}
    document: dict[str, Any] = {
        "descriptor": descriptor,
        "artifactType": one.artifact_type,
        "kind": one.bond.value,
        "created": one.created,
        "annotations": dict(one.descriptor.annotations),
        "present": one.contents is not None,
        "size": one.size,
        "contents": [blob.to_json() for blob in one.contents or ()],
        "referrers": [_referrer_data(inner) for inner in one.referrers],
    }
    return document | ({"tag": one.tag} if one.tag else {})


def _inner(node: _Node) -> Sequence[_Node]:
    if isinstance(node, Referrer):
        return node.referrers
    # Images of an index that nothing refers to would only fill the screen.
    return (*node.referrers, *(image for image in node.images if any(image.all())))


def _rows(nodes: Sequence[_Node], indent: str) -> Iterator[list[str]]:
    for number, node in enumerate(nodes, 1):
        last = number == len(nodes)
        yield _cells(node, indent + ("└─ " if last else "├─ "))
        yield from _rows(_inner(node), indent + ("   " if last else "│  "))


def _cells(node: _Node, branch: str) -> list[str]:
    descriptor = node.descriptor
    name = branch + descriptor.digest.short
    if isinstance(node, Referred):
        kind = "index" if descriptor.media_type in INDEX_TYPES else "image"
        return [name, f"{kind} {descriptor.platform or ''}".strip(), "", "", ""]
    kind = harmless(node.artifact_type or "unknown")
    if node.bond.value != "referrer":
        kind += f" ({node.bond.value})"
    if node.contents is None:
        return [name, kind, "missing", ago(node.created) if node.created else "", ""]
    created = ago(node.created) if node.created else ""
    return [name, kind, size(node.size), created, harmless(_content(node))]


def _content(node: Referrer) -> str:
    files = [_named(blob) for blob in node.contents or ()]
    notes = [f"{key}={value}" for key, value in sorted(node.descriptor.annotations.items()) if key != _CREATED]
    return "; ".join(word for word in (*files, *notes) if word)


def _named(blob: Descriptor) -> str:
    return blob.annotations.get(_TITLE) or blob.annotations.get(PREDICATE, "")
