"""What refers to the images of a layout or archive.

A referrer is listed in the index without a name, with its artifact type; or, by clients that do as in registries that
keep no lists, in an index under a tag made of its subject's digest. Both are read, the first is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lissom.archive.names import Held
from lissom.image.image import Blobs, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, Descriptor, Index
from lissom.oci.referrers import referrer_of, referrers_tag

__all__ = ["listed", "referrers"]


def listed(raw: bytes, media_type: str) -> Descriptor | None:
    """How an index lists a manifest that refers to something; None for one that does not."""
    found = referrer_of(raw, media_type)
    if found is None:
        return None
    referrer = found[1]
    # Nothing that a stranger wrote into its annotations may name it here.
    return replace(referrer, annotations={}, extra=referrer.extra or {"artifactType": media_type})


def referrers(images: Sequence[Held], blobs: Blobs, subject: Digest, artifact_type: str) -> tuple[Descriptor, ...]:
    """The manifests among ``images`` whose subject has this digest, of one artifact type or of all.

    Raises IntegrityError, StoreError for a damaged one.
    """
    found = {one.digest: one for one in _all(images, blobs, subject)}
    return tuple(one for one in found.values() if artifact_type in ("", one.artifact_type))


def _all(images: Sequence[Held], blobs: Blobs, subject: Digest) -> Iterator[Descriptor]:
    tag = referrers_tag(subject)
    for image in images:
        if not blobs.has(image.descriptor.digest):
            continue
        raw = read_blob(blobs, image.descriptor)
        if image.descriptor.media_type in INDEX_TYPES and _tag(image) == tag:
            yield from (one for one in Index.parse(raw).manifests if blobs.has(one.digest))
        refers = referrer_of(raw, image.descriptor.media_type)
        if refers and refers[0].digest == subject:
            yield refers[1]


def _tag(image: Held) -> str | None:
    return image.reference.tag if image.reference else next(iter(image.names), None)
