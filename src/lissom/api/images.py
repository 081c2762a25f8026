"""Images of the store: list, name, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lissom.api.layer_sizes import unpacked_size
from lissom.api.present import present_platform
from lissom.errors import IntegrityError, StoreError, UsageError
from lissom.image.image import read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, Manifest
from lissom.oci.reference import Reference
from lissom.store.names import Named
from lissom.store.store import Store

__all__ = ["Listed", "images", "remove", "tag"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One name of one image. ``id`` is the config's digest, as docker's IDs are; ``size`` is of the unpacked files."""

    reference: Reference | None
    digest: Digest
    id: Digest
    created: str
    size: int
    platform: str

    @property
    def repository(self) -> str:
        return self.reference.familiar_name if self.reference else "<none>"

    @property
    def tag(self) -> str:
        return (self.reference.tag if self.reference else None) or "<none>"


def images(
    store: Store, *, pattern: str | None = None, dangling: bool | None = None, references: Sequence[str] = ()
) -> list[Listed]:
    """The images of the store, newest first. ``pattern`` is a repository with or without tag, ``*`` and ``?`` match."""
    patterns = [*references, *([pattern] if pattern else [])]
    chosen = [e for e in store.entries() if dangling is None or (e.reference is None) == dangling]
    chosen = [e for e in chosen if all(_matches(e.reference, p) for p in patterns)]
    listed = [_listed(store, entry) for entry in chosen]
    listed.sort(key=lambda image: (image.repository, image.tag))
    return sorted(listed, key=lambda image: image.created, reverse=True)


def _matches(reference: Reference | None, pattern: str) -> bool:
    if reference is None:
        return False
    names = (reference.familiar_name, reference.familiar, reference.name, str(reference))
    return any(fnmatchcase(name, pattern) for name in names)


def _listed(store: Store, entry: Named) -> Listed:
    try:
        return _read(store, entry)
    except UsageError:
        # An artifact: it has no config to tell a time and a platform.
        found = store.manifest(entry.descriptor, present_platform(store, entry.descriptor))
        manifest = Manifest.parse(read_blob(store, found))
        size = sum(layer.size for layer in manifest.layers)
        created = manifest.annotations.get("org.opencontainers.image.created", "")
        return Listed(entry.reference, entry.descriptor.digest, manifest.digest, created, size, "artifact")
    except IntegrityError:
        # One image that cannot be read must not hide the others, nor keep its user from removing it.
        digest = entry.descriptor.digest
        return Listed(entry.reference, digest, digest, "", 0, "damaged")


def _read(store: Store, entry: Named) -> Listed:
    image = store.image(entry.descriptor, present_platform(store, entry.descriptor))
    size = sum(unpacked_size(store, layer) for layer in image.layers)
    created = str(image.config.document.get("created") or "")
    return Listed(entry.reference, entry.descriptor.digest, image.config.digest, created, size, str(image.platform))


def tag(store: Store, source: str, target: str) -> Descriptor:
    """Let ``target`` name the image that ``source`` names. Raises StoreError, UsageError."""
    reference = Reference.parse(target)
    if reference.digest:
        raise UsageError(f"cannot tag `{source}` as `{target}`: a digest cannot be given to an image")
    descriptor = store.resolve(source)
    store.name(reference, descriptor)
    return descriptor


def remove(store: Store, text: str, *, force: bool = False) -> list[Reference]:
    """Remove a name, or by ID or digest an image with its name. Gives the names that went; blobs go with ``gc``.

    Raises StoreError when there is none, or when an ID has several names and ``force`` is not given.
    """
    try:
        reference = Reference.parse(text)
    except UsageError:
        reference = None
    if reference is not None and store.remove(reference):
        return [reference]
    try:
        digest = store.resolve(text).digest
    except StoreError:
        if force:
            return []
        raise
    names = [e.reference for e in store.entries() if e.descriptor.digest == digest and e.reference]
    if len(names) > 1 and not force:
        known = ", ".join(name.familiar for name in names)
        raise StoreError(f"cannot remove image `{text}`: it has several names ({known})", hint="-f removes all of them")
    store.forget(digest)
    return names
