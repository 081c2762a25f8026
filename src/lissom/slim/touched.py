"""What processes named, as paths of the image: files that were used, directories that were listed, what was missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Tree
from lissom.sandbox.watch import Sighting

__all__ = ["Touched", "touched"]

_LINKS = 40
_KERNEL = frozenset({"proc", "sys", "dev"})
_RANK = {kind: rank for rank, kind in enumerate(("exec", "open", "list", "readlink", "stat", "make"))}


class Touched(NamedTuple):
    """``paths`` gives the weightiest sighting of each path; links on the way are paths of their own."""

    paths: dict[str, Sighting]
    listed: set[str]
    misses: set[str]


class _Walk(NamedTuple):
    links: tuple[str, ...]
    place: str
    found: bool


def touched(tree: Tree, sightings: Iterable[Sighting], upper: Tree | None = None) -> Touched:
    """Find what ``sightings`` name in ``tree``, the image's.

    ``upper`` is the same tree with the container's own changes laid over: through links that a program made it may
    have reached what the image has. What only the container has is neither touched nor missed, but the directory that
    it was made in is touched.
    """
    result = Touched({}, set(), set())
    for sighting in sorted(set(sightings), key=lambda one: (one.path, _RANK.get(one.kind, 9), one.program)):
        walks = [_walk(tree.get, sighting.path, follow=sighting.kind != "readlink")]
        if upper is not None:
            walks.append(_walk(upper.get, sighting.path, follow=sighting.kind != "readlink"))
        outside = _is_of_kernel(walks[0].place)
        for path in walks[0].links if outside else _reached(tree, walks, making=sighting.kind == "make"):
            old = result.paths.get(path)
            if old is None or _RANK.get(sighting.kind, 9) < _RANK.get(old.kind, 9):
                result.paths[path] = sighting
        if outside:
            continue
        if sighting.kind == "list":
            result.listed.update(walk.place for walk in walks if walk.found and _is_directory(tree, walk.place))
        if not any(walk.found for walk in walks):
            result.misses.add(walks[0].place)
    return result


def _reached(tree: Tree, walks: list[_Walk], *, making: bool) -> Iterator[str]:
    """Paths of ``tree`` that the walks came by or to, and the directory of what was made."""
    for walk in walks:
        yield from (link for link in walk.links if link in tree)
        if walk.found and walk.place in tree:
            yield walk.place
        elif making or walk.found:
            parent = parent_of(walk.place)
            if _is_directory(tree, parent):
                yield parent


def _walk(get: Callable[[str], Entry | None], path: str, *, follow: bool) -> _Walk:
    """Where ``path`` leads as the kernel goes; what is not found is told as if the rest were plain names."""
    place = ""
    links: list[str] = []
    parts = [part for part in reversed(path.split("/")) if part not in ("", ".")]
    while parts:
        part = parts.pop()
        if part == "..":
            place = parent_of(place)
            continue
        here = f"{place}/{part}" if place else part
        entry = get(here)
        if entry is None or (parts and entry.kind not in (Kind.DIRECTORY, Kind.SYMLINK)):
            return _Walk(tuple(links), "/".join((here, *(name for name in reversed(parts)))), found=False)
        if entry.kind is not Kind.SYMLINK or (not parts and not follow):
            place = here
            continue
        links.append(here)
        if len(links) > _LINKS:
            return _Walk(tuple(links), here, found=False)
        if entry.link.startswith("/"):
            place = ""
        parts.extend(name for name in reversed(entry.link.split("/")) if name not in ("", "."))
    return _Walk(tuple(links), place, found=True)


def _is_directory(tree: Tree, path: str) -> bool:
    entry = tree.get(path)
    return entry is not None and entry.is_directory


def _is_of_kernel(path: str) -> bool:
    return path.partition("/")[0] in _KERNEL
