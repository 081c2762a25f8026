"""Images wherever they are, opened for commands that look into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lissom.api.places import Kind, parse
from lissom.api.world import World
from lissom.image.image import Image, read_blob
from lissom.image.select import select
from lissom.oci.document import INDEX_TYPES, Index
from lissom.oci.platform import Platform
from lissom.rootfs.tree import Tree
from lissom.store.snapshots import Delta, Snapshots

__all__ = ["opened", "unpacked"]


@contextmanager
def opened(world: World, text: str, platform: Platform | None = None) -> Iterator[Image]:
    """The image that a user named, for ``platform`` (None: this machine's). Raises StoreError, RegistryError."""
    place = parse(text)
    if place.kind is Kind.STORE:
        yield world.store.image(world.store.resolve(place.name), platform)
        return
    with world.access.reading(place) as found:
        descriptor = found.descriptor
        while descriptor.media_type in INDEX_TYPES:
            descriptor = select(Index.parse(read_blob(found.blobs, descriptor)), platform)
        yield Image.open(descriptor, found.blobs)


def unpacked(chain: Sequence[Delta], snapshots: Snapshots) -> Tree:
    """The tree of a chain whose files can be read at once: all layers are unpacked, several side by side."""
    snapshots.lowers(chain)
    return snapshots.tree(chain)
