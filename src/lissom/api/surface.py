"""The surface of an image."""

from __future__ import annotations

from lissom.analysis.difference import weights
from lissom.analysis.packages import read_packages
from lissom.analysis.surface import Measured
from lissom.analysis.surface import surface as surface_of
from lissom.api.opened import opened, unpacked
from lissom.api.world import World
from lissom.oci.platform import Platform
from lissom.verify.container import chain_of

__all__ = ["surface"]


def surface(world: World, text: str, *, platform: Platform | None = None) -> Measured:
    """What an attacker would find in the image ``text``; secrets in any of its layers too.

    Raises StoreError, RegistryError, IntegrityError.
    """
    with opened(world, text, platform) as image:
        chain = chain_of(image, world.snapshots)
        tree = unpacked(chain, world.snapshots)
        found = surface_of(
            tree,
            image.config.config,
            read_packages(tree),
            layers=[world.snapshots.changeset(delta) for delta in chain],
            history=image.config.history,
        )
        return Measured(
            text,
            found,
            sum(weights(tree).values()),
            sum(layer.descriptor.size for layer in image.layers),
            sum(not entry.is_directory for entry in tree.values()),
        )
