"""The directories that hold most bytes, none within another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from lissom.rootfs.entry import parent_of

__all__ = ["Held", "heaviest"]

_FINE = 12
"""A directory with more than this part of all bytes is told by what is in it."""


@dataclass(frozen=True, slots=True)
class Held:
    """Files and bytes in and below ``path``; ``alone``: only those directly in it."""

    path: str
    size: int
    count: int
    alone: bool = False


def heaviest(files: Iterable[tuple[str, int]]) -> tuple[Held, ...]:
    """Directories that hold all ``files`` (paths and bytes), each file in one of them; the largest first."""
    own: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path, size in files:
        entry = own[parent_of(path)]
        entry[0] += size
        entry[1] += 1
    children = _children(own)
    sums = {path: list(own.get(path, (0, 0))) for path in children}
    for path in sorted(children, key=lambda path: -path.count("/") if path else 1):
        if path:
            above = sums[parent_of(path)]
            above[0] += sums[path][0]
            above[1] += sums[path][1]
    found: list[Held] = []
    waiting, limit = [""], sums[""][0] // _FINE
    while waiting:
        path = waiting.pop()
        size, count = sums[path]
        if not children[path] or (path and size <= limit):
            found.append(Held(path, size, count))
            continue
        waiting += children[path]
        if own[path][1]:
            found.append(Held(path, own[path][0], own[path][1], alone=True))
    return tuple(sorted(found, key=lambda held: (-held.size, held.path)))


def _children(directories: Iterable[str]) -> dict[str, set[str]]:
    """What is directly in each directory, for ``directories`` and all that they are in."""
    found: dict[str, set[str]] = {"": set()}
    for directory in directories:
        here = directory
        while here not in found:
            found[here] = set()
            here = parent_of(here)
        here = directory
        while here and here not in found[parent_of(here)]:
            found[parent_of(here)].add(here)
            here = parent_of(here)
    return found
