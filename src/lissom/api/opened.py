"""Images wherever they are, opened for commands that look into them: what the store has of them is not fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lissom.api.nearest import Nearest
from lissom.api.places import Kind, Place, parse
from lissom.api.world import World
from lissom.image.image import Blobs, Image
from lissom.oci.document import Descriptor
from lissom.oci.platform import Platform
from lissom.rootfs.tree import Tree
from lissom.store.snapshots import Delta, Snapshots

__all__ = ["Located", "located", "opened", "unpacked"]


@dataclass(frozen=True, slots=True)
class Located:
    """A manifest or index at a place, and the blobs to read it with: the store's, where it has them."""

    place: Place
    descriptor: Descriptor
    blobs: Blobs

    def image(self, platform: Platform | None = None) -> Image:
        """The image for ``platform`` (None: this machine's). Raises StoreError when there is no such platform."""
        from lissom.api.transfer import choose

        return Image.open(choose(self.descriptor, self.blobs, platform), self.blobs)


@contextmanager
def located(world: World, text: str) -> Iterator[Located]:
    """What a user named, as a document: of an image in a registry no more than that is fetched.

    Nothing at all is, when it is named by a digest that the store has. Raises StoreError, RegistryError.
    """
    place = parse(text)
    reference = place.reference
    if place.kind is Kind.STORE:
        yield Located(place, world.store.resolve(place.name), world.store)
    elif place.kind is Kind.REGISTRY and reference and reference.digest and world.store.has(reference.digest):
        registry = world.access.registry(reference)
        yield Located(place, world.store.get_manifest(reference), Nearest(world.store, registry, world.documents))
    else:
        with world.access.reading(place) as found:
            yield Located(place, found.descriptor, Nearest(world.store, found.blobs, world.documents))


@contextmanager
def opened(world: World, text: str, platform: Platform | None = None) -> Iterator[Image]:
    """The image that a user named, for ``platform`` (None: this machine's). Raises StoreError, RegistryError."""
    with located(world, text) as found:
        if found.place.kind is Kind.STORE:
            yield world.store.image(found.descriptor, platform)
        else:
            yield found.image(platform)


def unpacked(chain: Sequence[Delta], snapshots: Snapshots) -> Tree:
    """The tree of a chain whose files can be read at once: all layers are unpacked, several side by side."""
    snapshots.lowers(chain)
    return snapshots.tree(chain)
