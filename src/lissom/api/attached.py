"""What is attached to an image: listed, and its content read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from lissom.api.access import Access
from lissom.api.attach import TITLE
from lissom.api.places import parse
from lissom.api.referring import referred
from lissom.api.transfer import way_to
from lissom.errors import StoreError
from lissom.image.attestation import PREDICATE
from lissom.image.image import Blobs, read_blob
from lissom.image.referrer import Referred, Referrer
from lissom.oci.document import EMPTY, Descriptor, Index
from lissom.oci.platform import Platform

__all__ = ["Content", "Fetched", "attached", "fetched", "listed"]

_PLAIN_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,255}")
_DIGITS = re.compile(r"(?:sha256:|sha512:)?[0-9a-f]{4,128}")


@dataclass(frozen=True, slots=True)
class Content:
    """One blob of an artifact, and a name for it that is no path."""

    name: str
    descriptor: Descriptor


@dataclass(frozen=True, slots=True)
class Fetched:
    """An artifact and what it holds, readable for as long as its place is open."""

    referrer: Referrer
    contents: tuple[Content, ...]
    blobs: Blobs

    def open(self, content: Content) -> BinaryIO:
        """The bytes of a blob, verified at their end (IntegrityError)."""
        return self.blobs.open(content.descriptor)


def listed(access: Access, text: str, *, artifact_type: str = "", platform: Platform | None = None) -> Referred:
    """What refers to an image, of one artifact type or all; to an index and its images, or to one for ``platform``.

    Raises RegistryError, StoreError, IntegrityError, UsageError.
    """
    with _opened(access, text, artifact_type, platform) as (found, _):
        return found


@contextmanager
def fetched(access: Access, text: str, wanted: str, *, platform: Platform | None = None) -> Iterator[Fetched]:
    """The one thing that refers to an image and that ``wanted`` names: by the first digits of its digest, or its type.

    An attestation is also named by what it states; then that statement alone is meant. Raises StoreError when there is
    none or several, IntegrityError.
    """
    with _opened(access, text, "", platform) as (found, blobs):
        chosen = _chosen(text, list(found.all()), wanted)
        parts = [one for one in chosen.contents or () if one.media_type != EMPTY or one.size > 2]
        stated = [one for one in parts if one.annotations.get(PREDICATE) == wanted]
        yield Fetched(chosen, _named(stated or parts), blobs)


@contextmanager
def attached(
    access: Access, text: str, kinds: Collection[str], *, platform: Platform | None = None
) -> Iterator[Fetched | None]:
    """The newest thing of some artifact types, or that states one of them, that refers to one image; None without any.

    Raises RegistryError, StoreError, IntegrityError.
    """
    with _opened(access, text, "", platform, alone=True) as (found, blobs):
        fitting = [one for one in found.all() if one.contents and {one.artifact_type, *one.predicates} & set(kinds)]
        newest = max(fitting, key=lambda one: one.created, default=None)
        if newest is None:
            yield None
            return
        stated = [one for one in newest.contents or () if one.annotations.get(PREDICATE) in kinds]
        yield Fetched(newest, _named(stated or newest.contents or ()), blobs)


@contextmanager
def _opened(
    access: Access, text: str, artifact_type: str, platform: Platform | None, *, alone: bool = False
) -> Iterator[tuple[Referred, Blobs]]:
    place = parse(text)
    with access.reading(place) as found:
        way = way_to(found.descriptor, found.blobs, platform) if platform or alone else (found.descriptor,)
        beside = Index.parse(read_blob(found.blobs, way[-2])) if len(way) > 1 else None
        tree = referred(way[-1], found.blobs, beside=beside, reference=place.reference, artifact_type=artifact_type)
        yield tree, found.blobs


def _chosen(text: str, referrers: list[Referrer], wanted: str) -> Referrer:
    fitting = [one for one in referrers if wanted in (one.artifact_type, *one.predicates)]
    if _DIGITS.fullmatch(wanted):
        digits = wanted.rpartition(":")[2]
        fitting += [one for one in referrers if one.descriptor.digest.hex.startswith(digits)]
    unique = {one.descriptor.digest: one for one in fitting}
    if not unique:
        raise StoreError(
            f"cannot find `{wanted}` of `{text}`: nothing that refers to it has this type or digest",
            hint=f"`lissom referrers {text}` lists what does",
        )
    if len(unique) > 1:
        names = ", ".join(f"{digest.short} ({one.created or 'no time'})" for digest, one in unique.items())
        raise StoreError(f"cannot choose `{wanted}` of `{text}`: there are {len(unique)}", hint=f"name one: {names}")
    found = next(iter(unique.values()))
    if found.contents is None:
        raise StoreError(f"cannot read `{found.descriptor.digest}`: it is listed, but its manifest is not there")
    return found


def _named(blobs: Sequence[Descriptor]) -> tuple[Content, ...]:
    """Names for blobs: their titles where those are plain and different names, else their digests."""
    names: dict[str, Descriptor] = {}
    for blob in blobs:
        title = blob.annotations.get(TITLE, "")
        plain = _PLAIN_NAME.fullmatch(title) and title not in (".", "..") and title not in names
        names[title if plain else blob.digest.hex] = blob
    return tuple(Content(name, blob) for name, blob in names.items())
