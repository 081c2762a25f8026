"""Images of the store: list, name, remove, inspect, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from lissom.errors import IntegrityError, StoreError, UsageError
from lissom.image.image import Image, Layer, read_blob
from lissom.image.layers import read_layer
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, Descriptor, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.entry import Inline
from lissom.store.cache import Cache
from lissom.store.deltas import Delta, Deltas, id_of
from lissom.store.entries import decode
from lissom.store.names import Named
from lissom.store.store import Store

__all__ = ["Line", "Listed", "history", "images", "inspect", "raw_manifest", "remove", "tag", "unpacked_size"]


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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an image's history, newest first; ``size`` counts the unpacked bytes that it added."""

    id: str
    created: str
    created_by: str
    size: int
    comment: str


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
        found = store.manifest(entry.descriptor, _platform(store, entry.descriptor))
        manifest = Manifest.parse(read_blob(store, found))
        size = sum(layer.size for layer in manifest.layers)
        created = manifest.annotations.get("org.opencontainers.image.created", "")
        return Listed(entry.reference, entry.descriptor.digest, manifest.digest, created, size, "artifact")
    except IntegrityError:
        # One image that cannot be read must not hide the others, nor keep its user from removing it.
        digest = entry.descriptor.digest
        return Listed(entry.reference, digest, digest, "", 0, "damaged")


def _read(store: Store, entry: Named) -> Listed:
    image = store.image(entry.descriptor, _platform(store, entry.descriptor))
    size = sum(unpacked_size(store, layer) for layer in image.layers)
    created = str(image.config.document.get("created") or "")
    return Listed(entry.reference, entry.descriptor.digest, image.config.digest, created, size, str(image.platform))


def _platform(store: Store, descriptor: Descriptor) -> Platform | None:
    """This machine's platform, or the first one that the store has of an image for others only."""
    if descriptor.media_type not in INDEX_TYPES:
        return None
    try:
        if store.has(store.manifest(descriptor).digest):
            return None
    except StoreError:
        pass
    here = [d for d in Index.parse(read_blob(store, descriptor)).manifests if store.has(d.digest)]
    return here[0].platform if here else None


def unpacked_size(store: Store, layer: Layer) -> int:
    """Bytes of a layer's files. Read from the layer once, remembered afterwards."""
    cache, name = Cache(store), f"unpacked size of {layer.diff_id}"
    known = cache.note(name)
    if known is not None:
        return int(known)
    data = Deltas(store).entries(Delta(id_of(layer.diff_id)))
    changeset = decode(data, lambda _: Inline(b"")) if data else read_layer(layer, store)
    # The names of one inode are one file.
    total = sum({entry.inode or path: entry.size for path, entry in changeset.entries.items()}.values())
    cache.remember_note(name, str(total))
    return total


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


def inspect(store: Store, text: str, platform: Platform | None = None) -> dict[str, Any]:
    """What docker's inspect says of an image, as far as it means something here. Raises StoreError."""
    descriptor = store.resolve(text)
    image = store.image(descriptor, platform or _platform(store, descriptor))
    names = [e.reference for e in store.entries() if e.descriptor.digest == descriptor.digest and e.reference]
    repositories = sorted({name.familiar_name for name in names})
    document = image.config.document
    found: dict[str, Any] = {
        "Id": image.config.digest,
        "RepoTags": [name.familiar for name in names if name.tag],
        "RepoDigests": [f"{name}@{descriptor.digest}" for name in repositories],
        "Parent": "",
        "Comment": _comment(image),
        "Created": document.get("created") or "",
        "Author": document.get("author") or "",
        "Config": _config(image.config.config),
        "Architecture": image.platform.architecture,
        "Os": image.platform.os,
        "Size": sum(unpacked_size(store, layer) for layer in image.layers),
        "RootFS": {"Type": "layers", "Layers": [str(d) for d in image.config.diff_ids]},
        "Descriptor": descriptor.to_json(),
        "Layers": [{**layer.descriptor.to_json(), "diffID": layer.diff_id} for layer in image.layers],
    }
    if image.platform.variant:
        found["Variant"] = image.platform.variant
    return found


def _comment(image: Image) -> str:
    return str(image.config.history[-1].get("comment") or "") if image.config.history else ""


def _config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The execution parameters with the keys that docker always shows."""
    always = {
        "User": "", "Env": None, "Cmd": None, "Volumes": None, "WorkingDir": "", "Entrypoint": None, "OnBuild": None,
        "Labels": None,
    }  # fmt: skip
    return {**always, **config}


def raw_manifest(store: Store, text: str) -> bytes:
    """The manifest or index of an image, byte for byte."""
    return read_blob(store, store.resolve(text))


def history(store: Store, text: str) -> list[Line]:
    """How an image was made, newest line first. Raises StoreError."""
    descriptor = store.resolve(text)
    image = store.image(descriptor, _platform(store, descriptor))
    layers = iter(image.layers)
    lines: list[Line] = []
    for line in image.config.history:
        layer = None if line.get("empty_layer") else next(layers, None)
        size = unpacked_size(store, layer) if layer else 0
        words = (str(line.get(key) or "") for key in ("created", "created_by", "comment"))
        created, created_by, comment = words
        lines.append(Line("<missing>", created, created_by, size, comment))
    lines.extend(Line("<missing>", "", "", unpacked_size(store, layer), "") for layer in layers)
    if lines:
        last = lines.pop()
        lines.append(Line(str(image.config.digest), last.created, last.created_by, last.size, last.comment))
    return lines[::-1]
