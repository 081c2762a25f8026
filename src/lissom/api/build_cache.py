"""``--cache-from`` and ``--cache-to``: where the caches that builders share are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.api.world import World
from lissom.archive.layout import Layout
from lissom.build.exchange import RemoteCache, export
from lissom.build.solve import Solver
from lissom.build.step import Plan
from lissom.errors import IntegrityError, RegistryError, StoreError
from lissom.events import Listener, Warned
from lissom.image.image import Images, read_blob
from lissom.oci.document import Manifest
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression

if TYPE_CHECKING:
    from lissom.api.build_request import CachePlace

__all__ = ["open_caches", "write_caches"]

_NAME = Reference.parse("cache")


def open_caches(places: Sequence[CachePlace], world: World, listener: Listener) -> list[RemoteCache]:
    """The caches to read. One that is missing or broken is a warning: a build does without."""
    found = []
    for place in places:
        try:
            images, reference = _reading(place, world)
            descriptor = images.get_manifest(reference)
            found.append(RemoteCache.open(Manifest.parse(read_blob(images, descriptor)), images))
        except (RegistryError, StoreError, IntegrityError) as error:
            listener(Warned(f"cannot use cache `{place.where}`: {error.message}", error.hint))
    return found


def write_caches(
    places: Sequence[CachePlace],
    made: Plan,
    solver: Solver,
    *,
    world: World,
    compression: Compression,
) -> None:
    """Write the results of the target (mode min) or of every stage (mode max) to each of ``places``."""
    for place in places:
        images, reference = _writing(place, world)
        stages = made.stages if place.mode == "max" else (made.target,)
        states = [solver.state_of(stage.index) for stage in stages]
        manifest = export(states, snapshots=world.snapshots, store=world.store, sink=images, compression=compression)
        images.put_manifest(manifest.raw, manifest.media_type, reference)


def _reading(place: CachePlace, world: World) -> tuple[Images, Reference]:
    if place.type == "local":
        return Layout.open_directory(Path(place.where)), _NAME
    reference = Reference.parse(place.where)
    return world.access.registry(reference), reference


def _writing(place: CachePlace, world: World) -> tuple[Images, Reference]:
    if place.type == "local":
        return Layout.create(Path(place.where)), _NAME
    return _reading(place, world)
