"""Finding what refers to an image, wherever it is: in its place's list, in its index, under tags of its digest.

What a place says is not believed: a manifest is read, and must name the image as its subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lissom.archive.layout import Layout
from lissom.archive.oci import OciArchive
from lissom.errors import IntegrityError, RegistryError, StoreError
from lissom.image.attestation import attestations, is_attestation
from lissom.image.image import Blobs, read_blob
from lissom.image.referrer import Bond, Referred, Referrer
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, Descriptor, Index, Manifest
from lissom.oci.reference import Reference
from lissom.oci.referrers import COSIGN, referrer_of, referrers_tag
from lissom.registry.client import Registry
from lissom.store.store import Store

__all__ = ["CREATED", "Referring", "referred"]

CREATED = "org.opencontainers.image.created"

Referring = Store | Registry | Layout | OciArchive
"""Places that know what refers to what they hold."""

_AT_ONCE = 8
_DEPTH = 8
_MOST = 1000


def referred(
    descriptor: Descriptor,
    blobs: Blobs,
    *,
    beside: Index | None = None,
    reference: Reference | None = None,
    artifact_type: str = "",
) -> Referred:
    """What refers to an image and, where it is an index, to the images in it.

    ``beside`` is the index that lists the image: its attestations stand there. ``reference`` is a name in the
    repository where tags of its digest are looked for. With ``artifact_type`` only such referrers of images are told,
    with all that refers to them. Raises RegistryError, IntegrityError.
    """
    return _Walk(blobs, reference, artifact_type).image(descriptor, beside)


class _Walk:
    def __init__(self, blobs: Blobs, reference: Reference | None, kind: str) -> None:
        self._blobs = blobs
        self._reference = reference
        self._kind = kind
        self._left = _MOST

    def image(self, descriptor: Descriptor, beside: Index | None, depth: int = 0) -> Referred:
        if depth > _DEPTH:
            raise IntegrityError(f"cannot read image `{descriptor.digest}`: its indexes are nested too deep")
        index = None
        if descriptor.media_type in INDEX_TYPES and self._blobs.has(descriptor.digest):
            index = Index.parse(read_blob(self._blobs, descriptor))
        own = self._of_image(descriptor, beside)
        inner = [d for d in index.manifests if not is_attestation(d)] if index else []
        nested = [self.image(d, index, depth + 1) for d in inner if d.media_type in INDEX_TYPES]
        plain = [d for d in inner if d.media_type not in INDEX_TYPES]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="referrers") as pool:
            found = pool.map(lambda d: Referred(d, self._of_image(d, index)), plain)
            return Referred(descriptor, own, (*found, *nested))

    def _of_image(self, descriptor: Descriptor, beside: Index | None) -> tuple[Referrer, ...]:
        digest = descriptor.digest
        notes = attestations(beside, digest) if beside else ()
        found = [
            *self._subjects(digest, self._kind),
            *(self._read(d, Bond.ATTESTATION) for d in notes),
            *(self._read(d, Bond.COSIGN, tag=tag) for tag, d in self._tagged(digest)),
        ]
        first: dict[Digest, Referrer] = {}
        for one in found:
            if one and self._kind in ("", one.artifact_type, *one.predicates):
                first.setdefault(one.descriptor.digest, one)
        return tuple(first.values())

    def _subjects(self, digest: Digest, kind: str, depth: int = 0) -> Iterator[Referrer]:
        if not isinstance(self._blobs, Referring) or depth > _DEPTH:
            return
        for descriptor in self._blobs.referrers(digest, kind):
            one = self._read(descriptor, Bond.SUBJECT, subject=digest)
            if one and one.contents is not None:
                yield replace(one, referrers=tuple(self._subjects(descriptor.digest, "", depth + 1)))
            elif one:
                yield one

    def _tagged(self, digest: Digest) -> Iterator[tuple[str, Descriptor]]:
        if self._reference is None or not isinstance(self._blobs, Referring):
            return
        for end in COSIGN:
            tag = f"{referrers_tag(digest)}.{end}"
            if isinstance(self._blobs, Registry) and not self._blobs.has_tag(tag):
                continue
            try:
                yield tag, self._blobs.get_manifest(self._reference.with_tag(tag))
            except StoreError:
                continue  # nobody has put it there

    def _read(self, listed: Descriptor, bond: Bond, *, subject: Digest | None = None, tag: str = "") -> Referrer | None:
        """A referrer as its manifest says; None where that refers to something else."""
        self._left -= 1
        if self._left < 0:
            raise IntegrityError(f"cannot read all that refers to an image: it is more than {_MOST} manifests")
        try:
            raw = read_blob(self._blobs, listed)
            refers = referrer_of(raw, listed.media_type)
            document = Index.parse(raw) if listed.media_type in INDEX_TYPES else Manifest.parse(raw)
        except (StoreError, IntegrityError, RegistryError) as error:
            # One that is gone or damaged must not hide the others.
            if isinstance(error, RegistryError) and error.temporary:
                raise
            return Referrer(listed, listed.artifact_type, bond, listed.annotations.get(CREATED, ""), tag=tag)
        if subject and (refers is None or refers[0].digest != subject):
            return None
        contents = document.manifests if isinstance(document, Index) else document.layers
        kind = refers[1].artifact_type if refers else document.artifact_type
        kind = kind or next((blob.media_type for blob in contents), "")
        created = document.annotations.get(CREATED, "")
        return Referrer(replace(listed, annotations=document.annotations), kind, bond, created, contents, tag=tag)
