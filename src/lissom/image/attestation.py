"""BuildKit's attestations: manifests for no platform in an index, each about an image that stands beside it."""

from __future__ import annotations

from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, Index

__all__ = ["PREDICATE", "attestations", "is_attestation"]

PREDICATE = "in-toto.io/predicate-type"
"""The annotation by which an attestation's layer says what it states."""

_TYPE, _OF = "vnd.docker.reference.type", "vnd.docker.reference.digest"


def is_attestation(descriptor: Descriptor) -> bool:
    """Whether an index lists a manifest as an attestation."""
    return descriptor.annotations.get(_TYPE) == "attestation-manifest"


def attestations(index: Index, image: Digest) -> tuple[Descriptor, ...]:
    """The attestations of one image of an index."""
    return tuple(d for d in index.manifests if is_attestation(d) and d.annotations.get(_OF) == image)
