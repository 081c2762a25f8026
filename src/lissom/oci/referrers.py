"""How manifests refer to others: the descriptor that a list of referrers has of one, and the tag of such a list.

Follows the distribution specification 1.1, "listing referrers" and "referrers tag schema".
"""

from __future__ import annotations

import re

from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, MANIFEST_TYPES, Descriptor, Index, Manifest

__all__ = ["COSIGN", "is_fallback_tag", "referrer_of", "referrers_tag"]

COSIGN = ("sig", "att", "sbom")
"""What cosign puts behind a digest's tag: signatures, attestations and bills of the image."""

_LONGEST_ALGORITHM = 32
_LONGEST_HEX = 64
_TAG = re.compile(rf"(?:sha256|sha384|sha512)-[0-9a-f]{{64}}(?:\.(?:{'|'.join(COSIGN)}))?")


def referrers_tag(digest: Digest) -> str:
    """The tag that lists what refers to a digest, in registries that have no list of their own."""
    return f"{digest.algorithm[:_LONGEST_ALGORITHM]}-{digest.hex[:_LONGEST_HEX]}"


def is_fallback_tag(tag: str) -> bool:
    """Whether a tag says by its form that it belongs to another image: a list of referrers, or a thing of cosign's."""
    return _TAG.fullmatch(tag) is not None


def referrer_of(raw: bytes, media_type: str) -> tuple[Descriptor, Descriptor] | None:
    """What a manifest or index refers to, and its own descriptor as lists of referrers have it.

    None for one without a subject. Raises IntegrityError.
    """
    if media_type not in (*MANIFEST_TYPES, *INDEX_TYPES) or b'"subject"' not in raw:
        return None
    document = Index.parse(raw) if media_type in INDEX_TYPES else Manifest.parse(raw)
    if document.subject is None:
        return None
    kind = document.artifact_type or (document.config.media_type if isinstance(document, Manifest) else "")
    extra = {"artifactType": kind} if kind else {}
    return document.subject, Descriptor(media_type, Digest.of(raw), len(raw), document.annotations, extra=extra)
