"""A tree of files to look at: sums of directories, marks, what is wasted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Leaf", "Mark", "Node", "grown"]


class Mark(Enum):
    """What a layer, or another image, does to a path."""

    ADDED = "+"
    CHANGED = "~"
    REMOVED = "-"
    SAME = " "


@dataclass(frozen=True, slots=True)
class Leaf:
    """One file: ``waste`` is what kind of waste it is, ``told`` what else is known of it."""

    path: str
    size: int
    mark: Mark
    waste: str = ""
    told: object = None


@dataclass(slots=True)
class Node:
    """A file or a directory. ``size`` and ``count`` are of what is there, ``gone`` bytes of what was removed."""

    name: str
    path: str
    leaf: Leaf | None = None
    mark: Mark | None = None
    size: int = 0
    gone: int = 0
    count: int = 0
    children: dict[str, Node] = field(default_factory=dict)

    def ordered(self, *, by_size: bool) -> list[Node]:
        """What is directly in it: by size, or directories first and by name."""
        if by_size:
            return sorted(self.children.values(), key=lambda node: (-abs(node.size) - node.gone, node.name))
        return sorted(self.children.values(), key=lambda node: (node.leaf is not None, node.name))

    def counted(self, word: str) -> str:
        """``1 file``, ``2,000 files``."""
        return f"{self.count:,} {word}{'' if self.count == 1 else 's'}"

    def add(self, leaf: Leaf) -> None:
        if leaf.mark is Mark.REMOVED:
            self.gone += abs(leaf.size)
        else:
            self.size += leaf.size
        self.count += 1
        self.mark = leaf.mark if self.mark in (None, leaf.mark) else Mark.CHANGED


def grown(leaves: Iterable[Leaf]) -> Node:
    """The tree of ``leaves``. A directory is marked as all that is in it, or as changed."""
    root = Node("", "")
    for leaf in leaves:
        here = root
        here.add(leaf)
        *parts, name = leaf.path.split("/")
        for part in parts:
            inner = here.children.get(part)
            if inner is None or inner.leaf is not None:
                inner = here.children[part] = Node(part, f"{here.path}/{part}" if here.path else part)
            here = inner
            here.add(leaf)
        single = Node(name, leaf.path, leaf)
        single.add(leaf)
        here.children.setdefault(name, single)
    return root
