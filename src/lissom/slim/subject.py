"""One image that is slimmed: what it is, and what was seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lissom.errors import SandboxError
from lissom.image.image import Image
from lissom.oci.platform import Platform
from lissom.rootfs.tree import Tree
from lissom.sandbox.watch import Sighting
from lissom.store.snapshots import Delta, Snapshots
from lissom.verify.container import chain_of
from lissom.verify.observation import Exercise
from lissom.verify.probe import Probes

__all__ = ["Evidence", "Subject"]


@dataclass(frozen=True)
class Subject:
    """An image, its layers in the store, and what is asked of it. ``name`` is how the user called it."""

    name: str
    image: Image
    probes: Probes
    chain: tuple[Delta, ...]
    tree: Tree

    @classmethod
    def of(cls, name: str, image: Image, probes: Probes, snapshots: Snapshots) -> Subject:
        """Unpack the image. Raises SandboxError when it cannot run here, or there is nothing in it to run."""
        here = Platform.host()
        if not here.runs(image.platform):
            raise SandboxError(
                f"cannot slim `{name}`: it is for {image.platform}, this machine runs {here}",
                hint="slimming runs the image: do it on a machine of its platform",
            )
        config = image.config.config
        if not image.layers:
            raise SandboxError(f"cannot slim `{name}`: it is empty")
        if not (config.get("Entrypoint") or config.get("Cmd") or probes.checks):
            raise SandboxError(
                f"cannot slim `{name}`: it has no command to run",
                hint="give it one with CMD, or say with --exec what is to work in it",
            )
        chain = tuple(chain_of(image, snapshots))
        snapshots.lowers(chain)
        return cls(name, image, probes, chain, snapshots.tree(chain))

    def levels(self, snapshots: Snapshots) -> list[Tree]:
        """The trees of the first 1, 2, … layers."""
        return [snapshots.tree(self.chain[: number + 1]) for number in range(len(self.chain))]


@dataclass(frozen=True)
class Evidence:
    """What was seen of a subject: two runs, what the first asked for, and the system calls that it made."""

    subject: Subject
    runs: tuple[Exercise, Exercise]
    sightings: Mapping[Sighting, int]
    calls: frozenset[str] = frozenset()
