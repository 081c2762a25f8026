"""Directories that were read keep what was read in them: the names of their entries."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.slim.areas import areas
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.data import is_junk
from lissom.slim.rules.linker import library_directories
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_KEPT_BY_OTHERS = (
    "usr/share/zoneinfo",
    "var/lib/dpkg",
    "var/lib/apt",
    "var/cache/apt",
    "usr/share/doc",
    "usr/share/man",
)
_SMALL = 64 << 10
_TOO_BROAD = ("usr/lib", "usr/share", "usr/include", "usr/local/lib", "usr/libexec", "usr/src")


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    system = frozenset((*library_directories(scene), *scene.path, *_TOO_BROAD))
    for directory in sorted(scene.listed):
        if directory in system or areas(scene).managed(directory):
            continue
        if any(directory == place or directory.startswith(f"{place}/") for place in _KEPT_BY_OTHERS):
            continue
        for path in scene.children(directory):
            if scene.tree[path].size <= _SMALL or not is_junk(path):
                yield Keep(path, "listing", directory)


RULES = (Rule("listing", "An entry of a directory whose entries were read.", family=_family),)
