"""A runtime of fewer modules in a JDK's place."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lissom.events import Listener
from lissom.slim.reduced import Replacement
from lissom.slim.scene import Scene
from lissom.store.snapshots import Delta, Snapshots

__all__ = ["find_replacement"]


def find_replacement(
    scene: Scene, kept: Collection[str], chain: Sequence[Delta], snapshots: Snapshots, listener: Listener
) -> Replacement | None:
    """What takes the place of the JDK whose JVM was seen running; None where there is none."""
    del scene, kept, chain, snapshots, listener
    return None
