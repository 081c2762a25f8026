"""What the documents of an image say, wherever it is: of one in a registry nothing but those is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lissom.api.layer_sizes import known_size, unpacked_size
from lissom.api.opened import Located, located
from lissom.api.places import Kind
from lissom.api.present import present_platform
from lissom.api.world import World
from lissom.image.image import Image, Layer, read_blob
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.store.store import Store

__all__ = ["Line", "history", "inspect", "raw_manifest"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an image's history; ``size`` counts the unpacked bytes that it added, None where nobody knows."""

    id: str
    created: str
    created_by: str
    size: int | None
    comment: str


def inspect(world: World, text: str, platform: Platform | None = None) -> dict[str, Any]:
    """What docker's inspect says of an image, as far as it means something here.

    ``Size`` is None where layers would have to be fetched to tell it. Raises StoreError, RegistryError, IntegrityError.
    """
    with located(world, text) as found:
        image = _image(world.store, found, platform)
        names = _names(world.store, found)
        sizes = [_size(world.store, found, layer) for layer in image.layers]
    repositories = sorted({name.familiar_name for name in names})
    document = image.config.document
    told: dict[str, Any] = {
        "Id": image.config.digest,
        "RepoTags": [name.familiar for name in names if name.tag],
        "RepoDigests": [f"{name}@{found.descriptor.digest}" for name in repositories],
        "Parent": "",
        "Comment": _comment(image),
        "Created": document.get("created") or "",
        "Author": document.get("author") or "",
        "Config": _config(image.config.config),
        "Architecture": image.platform.architecture,
        "Os": image.platform.os,
        "Size": _sum(sizes),
        "RootFS": {"Type": "layers", "Layers": [str(d) for d in image.config.diff_ids]},
        "Annotations": dict(image.manifest.annotations),
        "Descriptor": found.descriptor.to_json(),
        "Layers": [{**layer.descriptor.to_json(), "diffID": layer.diff_id} for layer in image.layers],
    }
    if image.platform.variant:
        told["Variant"] = image.platform.variant
    return told


def raw_manifest(world: World, text: str, platform: Platform | None = None) -> bytes:
    """The manifest or index of an image, byte for byte; with ``platform`` the manifest for that."""
    with located(world, text) as found:
        if platform is not None:
            return _image(world.store, found, platform).manifest.raw
        return read_blob(found.blobs, found.descriptor)


def history(world: World, text: str, platform: Platform | None = None) -> list[Line]:
    """How an image was made, newest line first. Raises StoreError, RegistryError, IntegrityError."""
    with located(world, text) as found:
        image = _image(world.store, found, platform)
        layers = iter(image.layers)
        lines: list[Line] = []
        for line in image.config.history:
            layer = None if line.get("empty_layer") else next(layers, None)
            size = _size(world.store, found, layer) if layer else 0
            words = (str(line.get(key) or "") for key in ("created", "created_by", "comment"))
            created, created_by, comment = words
            lines.append(Line("<missing>", created, created_by, size, comment))
        lines.extend(Line("<missing>", "", "", _size(world.store, found, layer), "") for layer in layers)
    if lines:
        last = lines.pop()
        lines.append(Line(str(image.config.digest), last.created, last.created_by, last.size, last.comment))
    return lines[::-1]


def _image(store: Store, found: Located, platform: Platform | None) -> Image:
    if found.place.kind is Kind.STORE:
        return store.image(found.descriptor, platform or present_platform(store, found.descriptor))
    return found.image(platform)


def _names(store: Store, found: Located) -> list[Reference]:
    """What the image is called where it is."""
    if found.place.kind is not Kind.STORE:
        return [found.place.reference] if found.place.reference else []
    return [e.reference for e in store.entries() if e.descriptor.digest == found.descriptor.digest and e.reference]


def _size(store: Store, found: Located, layer: Layer) -> int | None:
    if found.place.kind is Kind.REGISTRY and not store.has(layer.descriptor.digest):
        return known_size(store, layer)
    return unpacked_size(store, layer, found.blobs)


def _sum(sizes: Sequence[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _comment(image: Image) -> str:
    return str(image.config.history[-1].get("comment") or "") if image.config.history else ""


def _config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The execution parameters with the keys that docker always shows."""
    always = {
        "User": "", "Env": None, "Cmd": None, "Volumes": None, "WorkingDir": "", "Entrypoint": None, "OnBuild": None,
        "Labels": None,
    }  # fmt: skip
    return {**always, **config}
