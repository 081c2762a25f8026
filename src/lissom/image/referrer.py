"""What refers to an image, as a tree of values: signatures, bills of materials, and what refers to those in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from lissom.image.attestation import PREDICATE
from lissom.oci.document import Descriptor

__all__ = ["Bond", "Referred", "Referrer"]


class Bond(Enum):
    """How a thing belongs to its image."""

    SUBJECT = "referrer"
    """Its manifest names the image as its subject, as the specification 1.1 has it."""
    ATTESTATION = "attestation"
    """BuildKit's: a manifest for no platform in the image's index."""
    COSIGN = "cosign tag"
    """A tag made of the image's digest, as cosign writes it."""


@dataclass(frozen=True, slots=True)
class Referrer:
    """One thing that refers to an image or to another referrer.

    ``contents`` are its blobs (its manifests, of an index), None when its manifest is not there. ``tag`` is cosign's.
    """

    descriptor: Descriptor
    artifact_type: str
    bond: Bond
    created: str = ""
    contents: tuple[Descriptor, ...] | None = None
    referrers: tuple[Referrer, ...] = ()
    tag: str = ""

    @property
    def size(self) -> int:
        """Bytes of its contents."""
        return sum(blob.size for blob in self.contents or ())

    @property
    def predicates(self) -> tuple[str, ...]:
        """What an attestation states, by the types of its statements."""
        found = (blob.annotations.get(PREDICATE) for blob in self.contents or ())
        return tuple(dict.fromkeys(text for text in found if text))

    def all(self) -> Iterator[Referrer]:
        """This one, then what refers to it."""
        yield self
        for inner in self.referrers:
            yield from inner.all()


@dataclass(frozen=True, slots=True)
class Referred:
    """An image or index, what refers to it, and the images that the index lists with what refers to those."""

    descriptor: Descriptor
    referrers: tuple[Referrer, ...]
    images: tuple[Referred, ...] = ()

    def all(self) -> Iterator[Referrer]:
        """Every referrer of the image, of its images and of theirs."""
        for referrer in self.referrers:
            yield from referrer.all()
        for image in self.images:
            yield from image.all()
