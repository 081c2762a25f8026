"""Which paths lead to something, links followed."""

from __future__ import annotations

from lissom.errors import IntegrityError
from lissom.rootfs.tree import Tree

__all__ = ["leads"]


def leads(tree: Tree, path: str) -> bool:
    """Whether something is where ``path`` leads; a link in a circle leads nowhere."""
    try:
        return tree.resolve(path) in tree
    except IntegrityError:
        return False
