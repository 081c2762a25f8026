"""Images of the store: list, name, remove."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from lissom.api.layer_sizes import unpacked_size
from lissom.api.present import present_platform
from lissom.errors import LissomError, StoreError, UsageError
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, Descriptor
from lissom.oci.reference import Reference
from lissom.store.catalog import Facts
from lissom.store.names import Named
from lissom.store.store import Store

__all__ = ["Listed", "images", "remove", "tag"]

_NONE = "<none>"


@dataclass(frozen=True, slots=True)
class Listed:
    """One name of one image. ``id`` is the config's digest, as docker's IDs are; ``size`` is of the unpacked files."""

    repository: str
    tag: str
    digest: str
    id: str
    created: str
    size: int
    platform: str

    @property
    def short_id(self) -> str:
        """The first twelve digits of the ID, as docker shows them."""
        return self.id.partition(":")[2][:12]


def images(
    store: Store, *, pattern: str | None = None, dangling: bool | None = None, references: Sequence[str] = ()
) -> list[Listed]:
    """The images of the store, newest first. ``pattern`` is a repository with or without tag, ``*`` and ``?`` match."""
    patterns = [*references, *([pattern] if pattern else [])]
    chosen = [e for e in store.entries() if dangling is None or (e.reference is None) == dangling]
    chosen = [e for e in chosen if all(_matches(e.reference, p) for p in patterns)] if patterns else chosen
    facts = _facts(store, chosen)
    listed = [_listed(entry, facts.get(entry.digest)) for entry in chosen]
    listed.sort(key=lambda image: (image.repository, image.tag))
    return sorted(listed, key=lambda image: image.created, reverse=True)


def _matches(reference: Reference | None, pattern: str) -> bool:
    if reference is None:
        return False
    names = (reference.familiar_name, reference.familiar, reference.name, str(reference))
    return any(fnmatchcase(name, pattern) for name in names)


def _listed(entry: Named, facts: Facts | None) -> Listed:
    name = entry.reference
    repository, tag = (name.familiar_name, name.tag or _NONE) if name else (_NONE, _NONE)
    if facts is None:
        # One image that cannot be read must not hide the others, nor keep its user from removing it.
        return Listed(repository, tag, entry.digest, entry.digest, "", 0, "damaged")
    return Listed(repository, tag, entry.digest, facts.config, facts.created, facts.size or 0, facts.platform)


def _facts(store: Store, entries: Iterable[Named]) -> dict[str, Facts]:
    """What there is to know of each image, by its digest; those that are not here, or damaged, are left out."""
    manifests = {}
    for entry in {entry.digest: entry for entry in entries}.values():
        with suppress(LissomError):
            manifests[entry.digest] = _shown(store, entry)
    known = store.catalog.facts(manifests.values(), store)
    sizes: dict[Digest, int] = {}
    counted = {
        digest: replace(known[digest], size=size)
        for digest, manifest in {manifest.digest: manifest for manifest in manifests.values()}.items()
        if digest in known and known[digest].size is None and (size := _counted(store, manifest, sizes)) is not None
    }
    store.catalog.add(counted)
    found = {digest: counted.get(m.digest) or known.get(m.digest) for digest, m in manifests.items()}
    return {
        digest: facts
        for digest, facts in found.items()
        if facts and facts.size is not None and store.holds(manifests[digest].digest)
    }


def _shown(store: Store, entry: Named) -> Named:
    """The manifest that stands for an entry: of an index the one for this machine, or the first that is here."""
    if entry.document.get("mediaType") not in INDEX_TYPES:
        return entry
    platform = present_platform(store, entry.descriptor)
    return Named.make(None, store.manifest(entry.descriptor, platform))


def _counted(store: Store, manifest: Named, sizes: dict[Digest, int]) -> int | None:
    """Unpacked bytes, None when a layer cannot be read; those of layers are in ``sizes`` afterwards, by diff ID."""
    try:
        layers = store.image(manifest.descriptor).layers
        for layer in layers:
            if layer.diff_id not in sizes:
                sizes[layer.diff_id] = unpacked_size(store, layer)
    except LissomError:
        return None
    return sum(sizes[layer.diff_id] for layer in layers)


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
    names = [e.reference for e in store.entries() if e.digest == digest and e.reference]
    if len(names) > 1 and not force:
        known = ", ".join(name.familiar for name in names)
        raise StoreError(f"cannot remove image `{text}`: it has several names ({known})", hint="-f removes all of them")
    store.forget(digest)
    return names
