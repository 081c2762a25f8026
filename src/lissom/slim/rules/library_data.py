"""Data of kept libraries that comes in a package of its own, such as libmagic's table of kinds of files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.analysis.package import Package
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.plugins import is_library
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_MOST = 12 << 20
_FOR_PEOPLE = re.compile(r"^usr/share/(?:applications|bug|doc|doc-base|info|lintian|locale|man)/")
_PROGRAM = re.compile(r"^(?:usr/)?(?:local/)?(?:s?bin|games)/")


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    seen: set[str] = scene.memo.setdefault("library data", set())
    for path in keeps:
        owner = scene.owner(path) if is_library(path) else None
        if owner is None or owner.name in seen:
            continue
        seen.add(owner.name)
        if owner.name.endswith(("-dev", "-devel")):
            continue
        for data in scene.packages.required(owner):
            yield from (Keep(file, "library data", path) for file in _files(scene, data))


def _files(scene: Scene, package: Package) -> list[str]:
    """The files of a package with nothing but data in it; none of one with programs, libraries, or too much."""
    if any(_PROGRAM.match(path) or is_library(path) for path in package.files):
        return []
    files = sorted(path for path in package.files if not _FOR_PEOPLE.match(path))
    return files if sum(scene.tree[path].size for path in files) <= _MOST else []


RULES = (Rule("library data", "Data of a kept library that its own package requires.", family=_family),)
