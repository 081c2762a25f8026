"""A runtime of fewer modules in a JDK's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lissom.events import Decision, Listener
from lissom.slim.jlink import link
from lissom.slim.keep import Keep
from lissom.slim.reduced import Replacement
from lissom.slim.runtime import plan_runtime
from lissom.slim.scene import Scene
from lissom.store.snapshots import Delta, Snapshots

__all__ = ["find_replacement"]


def find_replacement(
    scene: Scene, keeps: Mapping[str, Keep], chain: Sequence[Delta], snapshots: Snapshots, listener: Listener
) -> Replacement | None:
    """What takes the place of the JDK whose JVM was seen running; None where there is none, or jlink fails."""
    runtime = plan_runtime(scene, keeps)
    if runtime is None:
        return None
    for module, because_of in sorted(runtime.modules.items()):
        listener(Decision(f"module {module}", because_of))
    entries = link(runtime, scene.tree, snapshots.lowers(chain), snapshots, listener)
    return None if entries is None else Replacement(runtime.home, entries, tuple(sorted(runtime.modules)))
