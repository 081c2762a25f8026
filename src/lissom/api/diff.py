"""What differs between two images."""

from __future__ import annotations

from contextlib import ExitStack

from lissom.analysis.comparison import Difference, compare, compare_documents
from lissom.api.opened import opened, unpacked
from lissom.api.world import World
from lissom.image.image import Image
from lissom.oci.platform import Platform
from lissom.rootfs.tree import Tree
from lissom.verify.container import chain_of

__all__ = ["diff", "same"]


def diff(world: World, before: str, after: str, *, times: bool = False, platform: Platform | None = None) -> Difference:
    """Compare the images that a user named. Raises StoreError, RegistryError, IntegrityError."""

    def look(text: str) -> tuple[Image, Tree]:
        image = held.enter_context(opened(world, text, platform))
        return image, unpacked(chain_of(image, world.snapshots), world.snapshots)

    with ExitStack() as held:
        left, right = look(before), look(after)
        return compare((before, after), (left[0], right[0]), (left[1], right[1]), times=times)


def same(world: World, before: str, after: str, *, platform: Platform | None = None) -> bool | None:
    """Whether two images have the same files and config, if their documents tell; no layer is fetched or read.

    None means that one would have to look. Raises StoreError, RegistryError, IntegrityError.
    """
    with opened(world, before, platform) as left, opened(world, after, platform) as right:
        return compare_documents((left, right))
