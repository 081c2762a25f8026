"""What stays of a tree, and why: closed under parents, links and names of one file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Kind, parent_of
from lissom.rootfs.tree import Tree

__all__ = ["Keep", "Keeps"]

_LINKS = 40


@dataclass(frozen=True, slots=True)
class Keep:
    """One path that stays. ``reason`` names the rule, ``because_of`` what led to it: a path or a few words."""

    path: str
    reason: str
    because_of: str = ""


class Keeps(Mapping[str, Keep]):
    """Paths of ``tree`` that stay. What is added brings its parents, what links lead to, and its other names."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._kept: dict[str, Keep] = {}
        self._fresh: deque[Keep] = deque()
        self._names: dict[str, list[str]] = {}
        for path in tree:
            if tree[path].inode:
                self._names.setdefault(tree[path].inode, []).append(path)
        self._put("", "root", "")

    def __getitem__(self, path: str) -> Keep:
        return self._kept[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, keep: Keep) -> bool:
        """Keep ``keep.path``, which may lead through links; False when the tree does not have it.

        Of a directory only itself stays, not what is in it. The first reason for a path is the one that counts.
        """
        place = ""
        parts = [part for part in reversed(keep.path.split("/")) if part not in ("", ".")]
        links = 0
        while parts:
            part = parts.pop()
            if part == "..":
                place = parent_of(place)
                continue
            here = f"{place}/{part}" if place else part
            entry = self.tree.get(here)
            if entry is None:
                return False
            self._put(here, keep.reason if not parts else "on the way", keep.because_of if not parts else keep.path)
            if entry.kind is not Kind.SYMLINK:
                place = here
                continue
            links += 1
            if links > _LINKS:
                return False
            if entry.link.startswith("/"):
                place = ""
            parts.extend(p for p in reversed(entry.link.split("/")) if p not in ("", "."))
        return True

    def add_below(self, directory: str, reason: str, because_of: str = "") -> None:
        """Keep a directory with everything in it."""
        self.add(Keep(directory, reason, because_of))
        try:
            real = self.tree.resolve(directory)
        except IntegrityError:
            return
        for entry in self.tree.below(real):
            self.add(Keep(entry.path, reason, because_of))

    def take(self) -> Iterator[Keep]:
        """What was kept since the last call, and what comes while it is gone through; directories are not told."""
        while self._fresh:
            yield self._fresh.popleft()

    def _put(self, path: str, reason: str, because_of: str) -> None:
        if path in self._kept:
            return
        entry = self.tree[path]
        keep = Keep(path, reason, because_of)
        self._kept[path] = keep
        if not entry.is_directory:
            self._fresh.append(keep)
        for name in self._names.get(entry.inode, ()) if entry.inode else ():
            self.add(Keep(name, "same file", path))
