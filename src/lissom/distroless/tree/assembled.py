"""A root file system in the making, and where each path of it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lissom.rootfs.entry import Entry
from lissom.rootfs.tree import Changeset

__all__ = ["FRAME", "RECORD", "STATED", "Assembled", "LeftOut", "Origin"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a path comes from: a package, or nothing but ``reason``, a few words such as "computed from certificates".

    With both, the path is the package's record or was made of its files.
    """

    package: str = ""
    reason: str = ""


RECORD = "the package's record"
"""The reason of paths that say that a package is there."""

STATED = Origin(reason="stated in the spec")
FRAME = Origin(reason="what every image has")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path of a package that is not in the image, no directory, and why. ``kind`` is the entry's, ``size`` bytes."""

    path: str
    package: str
    reason: str
    size: int = 0
    kind: str = "file"


@dataclass(frozen=True)
class Assembled:
    """Entries by path, parents included, and the origins of those that are known: directories may have none."""

    entries: Mapping[str, Entry]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    @property
    def changeset(self) -> Changeset:
        """All of it as one layer would be."""
        return Changeset.of(self.entries.values())
