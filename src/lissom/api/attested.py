"""BuildKit's attestation of how an image was built, where the index beside the image has one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lissom.analysis.ledger.provenance import Attested, read_provenance
from lissom.api.places import Kind, parse
from lissom.api.world import World
from lissom.errors import LissomError
from lissom.image.attestation import PREDICATE, attestations
from lissom.image.image import Blobs, Image, read_blob
from lissom.oci.document import INDEX_TYPES, Descriptor, Index, Manifest

__all__ = ["attested"]


def attested(world: World, text: str, image: Image) -> Attested | None:
    """What the provenance of ``image``, which the user named ``text``, tells of its layers.

    None without one, and where it is not at hand: nobody asked for it.
    """
    place = parse(text)
    if place.kind in (Kind.DOCKER_ARCHIVE, Kind.DAEMON):  # they hold no indexes
        return None
    try:
        if place.kind is Kind.STORE:
            return _found(world.store.resolve(place.name), world.store, image)
        with world.access.reading(place) as found:
            return _found(found.descriptor, found.blobs, image)
    except (LissomError, ValueError, RecursionError):
        return None


def _found(descriptor: Descriptor, blobs: Blobs, image: Image) -> Attested | None:
    digests = [str(layer.descriptor.digest) for layer in image.layers]
    for statement in _statements(descriptor, blobs, image):
        told = read_provenance(statement, digests)
        if told is not None:
            return told
    return None


def _statements(descriptor: Descriptor, blobs: Blobs, image: Image) -> Iterator[Any]:
    if descriptor.media_type not in INDEX_TYPES:
        return
    for child in attestations(Index.parse(read_blob(blobs, descriptor)), image.digest):
        for layer in Manifest.parse(read_blob(blobs, child)).layers:
            if "slsa.dev/provenance" in layer.annotations.get(PREDICATE, ""):
                yield json.loads(read_blob(blobs, layer))
