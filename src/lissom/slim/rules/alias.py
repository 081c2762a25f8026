"""Links that lead to what stays: they take no room, and who looks a path up part by part reads them."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.rootfs.entry import Kind, parent_of
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_FOR_COMPILERS = ("-dev", "-devel")
_KERNEL = ("dev/", "proc/", "sys/")
"""What is there only when a container runs: where logs go, say."""


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    for path, place in _links(scene):
        if path not in keeps and parent_of(path) in keeps and (place in keeps or place.startswith(_KERNEL)):
            owner = scene.owner(path)
            if owner is None or not owner.name.endswith(_FOR_COMPILERS):
                yield Keep(path, "alias", place)


def _links(scene: Scene) -> list[tuple[str, str]]:
    """Every link of the tree, and where it leads."""
    if "alias.links" not in scene.memo:
        links = ((path, scene.resolve(path)) for path, entry in scene.tree.items() if entry.kind is Kind.SYMLINK)
        scene.memo["alias.links"] = [link for link in links if link[1] in scene.tree or link[1].startswith(_KERNEL)]
    found: list[tuple[str, str]] = scene.memo["alias.links"]
    return found


RULES = (
    Rule(
        "alias",
        "A link in a directory that stays to something that stays, or to what the kernel shows.",
        family=_family,
        strict=True,
    ),
)
