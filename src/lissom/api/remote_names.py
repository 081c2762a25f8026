"""Names of images in registries: listed, given, and removed; no blob travels through here."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from lissom.api.access import Access
from lissom.api.places import Kind, Place, parse
from lissom.api.transfer import transfer
from lissom.errors import RegistryError, UsageError
from lissom.image.image import read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry

__all__ = ["Removed", "remove", "tag", "tags"]

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Removed:
    """What went: names, and the manifest when it went too."""

    references: tuple[Reference, ...]
    digest: Digest | None


def tags(access: Access, text: str, *, by_version: bool = False) -> list[str]:
    """The tags of a repository, as its registry orders them or as versions. Raises RegistryError, UsageError."""
    place = parse(text, bare=Kind.REGISTRY)
    reference = _remote(place, text, "list the tags of")
    if place.name != reference.familiar_name and _is_tagged(place.name):
        raise UsageError(f"cannot list the tags of `{text}`: it names one image", hint=f"write `{reference.name}`")
    found = access.registry(reference).tags()
    return sorted(found, key=_version) if by_version else found


def tag(access: Access, source: str, target: str) -> Descriptor:
    """Let another name in the same registry stand for an image; nothing but manifests moves where blobs can be mounted.

    Raises RegistryError, UsageError.
    """
    old = _remote(parse(source), source, "tag")
    new = _remote(parse(target), target, "tag as")
    if new.digest:
        raise UsageError(f"cannot tag `{source}` as `{target}`: a digest cannot be given to an image")
    if old.registry != new.registry:
        raise UsageError(
            f"cannot tag `{source}` as `{target}`: they are in two registries",
            hint=f"`lissom copy --all-platforms {source} {target}` copies it",
        )
    registry = access.registry(old, at_origin=True)
    found = registry.get_manifest(old)
    if old.repository == new.repository:
        return registry.put_manifest(read_blob(registry, found), found.media_type, new)
    other = access.registry(new, at_origin=True)
    return transfer(found, registry, other, new, store=access.store, listener=access.listener).descriptor


def remove(access: Access, text: str, *, force: bool = False) -> Removed:
    """Remove a tag from a registry or, by digest and where tags alone cannot be removed, a manifest.

    Raises RegistryError when that takes other tags away too and ``force`` is not given; UsageError.
    """
    reference = _remote(parse(text), text, "remove")
    registry = access.registry(reference, at_origin=True)
    if reference.tag and not reference.digest:
        if not registry.has_tag(reference.tag):
            if force:
                return Removed((), None)
            raise RegistryError(f"cannot remove `{text}`: there is no such tag")
        if registry.remove_tag(reference.tag):
            return Removed((reference,), None)
    found = registry.resolve(reference)
    gone = _names_of(registry, reference, found.digest)
    others = [name for name in gone if name.tag != reference.tag]
    if len(gone) > 1 and others and not force:
        raise RegistryError(
            f"cannot remove `{text}`: its registry removes manifests with all their tags, and this one has more: "
            + ", ".join(f"`{name.tag}`" for name in others),
            hint="-f removes all of them",
        )
    registry.remove(registry.get_manifest(reference.with_digest(found.digest)))
    return Removed(tuple(gone), found.digest)


def _names_of(registry: Registry, reference: Reference, digest: Digest) -> list[Reference]:
    """The tags that name a manifest: each is asked for, since no registry tells."""
    names = [reference.with_tag(tag) for tag in registry.tags()]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tags") as pool:
        found = pool.map(partial(_digest_of, registry), names)
        return [name for name, named in zip(names, found, strict=True) if named == digest]


def _digest_of(registry: Registry, name: Reference) -> Digest | None:
    try:
        return registry.resolve(name).digest
    except RegistryError as error:
        if error.temporary:
            raise
        return None  # a tag that went meanwhile, or that names what is no manifest any more


def _remote(place: Place, text: str, verb: str) -> Reference:
    if place.kind is not Kind.REGISTRY or place.reference is None:
        raise UsageError(f"cannot {verb} `{text}`: it is not in a registry", hint=f"write docker://{text} for one")
    return place.reference


def _is_tagged(name: str) -> bool:
    return "@" in name or ":" in name.rpartition("/")[2]


def _version(tag: str) -> list[tuple[int, int, str]]:
    """Numbers as numbers: 1.9 before 1.10; words before numbers, so that 1.0-rc comes before 1.0.1."""
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", tag)]
