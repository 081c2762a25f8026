"""The two figures that dive tells of an image, computed as dive 0.13 does, with what it does not see.

Every path that is a leaf of a layer's own tree counts with its size in each layer that has it. A whiteout counts with
what the directory of that name holds below, and with nothing for a file; opaque directories count for nothing. The
score is the sum of the smallest sizes over the sum of all. Wasted are all bytes of paths that were seen twice or more,
the copy that has to stay among them. A whiteout of nothing ends the look at its layer. Only names that lead through
links of their own layer are taken where they lead, and not as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lissom.analysis.ledger.scan import Scan
from lissom.rootfs.entry import Kind, parent_of

__all__ = ["Dive", "dive"]

_WHITEOUT = ".wh."


@dataclass(frozen=True, slots=True)
class Dive:
    """``efficiency`` from 0 to 1; ``wasted`` bytes."""

    efficiency: float
    wasted: int


@dataclass(slots=True)
class _Node:
    size: int = 0
    directory: bool = False
    below: dict[str, _Node] = field(default_factory=dict)


@dataclass(slots=True)
class _Seen:
    total: int = 0
    least: int = -1
    times: int = 0


def dive(scans: Iterable[Scan]) -> Dive:
    """Dive's figures for layers, the lowest first."""
    stack, seen = _Stack(), dict[str, _Seen]()
    for scan in scans:
        if scan.changeset.whiteouts or scan.changeset.opaques:
            layer = _layer(scan)
            _see(layer, stack.tree(layer), "", seen)
        else:
            _see_all(scan, seen)
        stack.waiting.append(scan)
    least, total = sum(one.least for one in seen.values()), sum(one.total for one in seen.values())
    return Dive(least / total if total else 1.0, sum(one.total for one in seen.values() if one.times > 1))


@dataclass(slots=True)
class _Stack:
    """The layers so far. They are laid over each other only when a whiteout asks what stands there."""

    waiting: list[Scan] = field(default_factory=list)
    top: _Node | None = None

    def tree(self, lowest: _Node) -> _Node:
        """What stands; below the lowest layer it is that itself, for dive lays it over itself."""
        for scan in self.waiting:
            layer = _layer(scan)
            if self.top is None:
                self.top = _layer(scan)
            _graft(self.top, layer)
        self.waiting.clear()
        return self.top or lowest


def _see_all(scan: Scan, seen: dict[str, _Seen]) -> None:
    """Count the leaves of a layer that hides nothing."""
    entries = scan.changeset.entries
    parents = set[str]()
    for path in entries:
        while (path := parent_of(path)) and path not in parents:
            parents.add(path)
    for path, entry in entries.items():
        if path and path not in parents:
            own = entry.kind is Kind.FILE and path not in scan.links
            _count(seen, f"/{path}", entry.size if own else 0)


def _count(seen: dict[str, _Seen], path: str, size: int) -> None:
    one = seen.get(path)
    if one is None:
        seen[path] = _Seen(size, size, 1)
    else:
        one.total += size
        one.least = size if one.least < 0 else min(one.least, size)
        one.times += 1


def _layer(scan: Scan) -> _Node:
    """The layer's own tree; directories that it does not bring itself are there without being known as such."""
    root = _Node()
    for path, entry in scan.changeset.entries.items():
        node = _at(root, path)
        node.directory = entry.is_directory
        node.size = entry.size if entry.kind is Kind.FILE and path not in scan.links else 0
    for path in scan.changeset.whiteouts:
        parent, _, name = path.rpartition("/")
        _at(root, parent).below[f"{_WHITEOUT}{name}"] = _Node()
    for path in scan.changeset.opaques:
        _at(root, path)
    return root


def _at(root: _Node, path: str) -> _Node:
    node = root
    for name in path.split("/") if path else ():
        found = node.below.get(name)
        if found is None:
            found = node.below[name] = _Node()
        node = found
    return node


def _see(layer: _Node, stack: _Node | None, path: str, seen: dict[str, _Seen]) -> bool:
    """Count the leaves below ``layer``, whose place in the stack is ``stack``; False when the look has to end."""
    for name in sorted(layer.below):
        node = layer.below[name]
        hidden = name.startswith(_WHITEOUT)
        lower = stack.below.get(name.removeprefix(_WHITEOUT)) if stack is not None else None
        if node.below:
            if not _see(node, lower, f"{path}/{name}", seen):
                return False
            continue
        if hidden and lower is None:
            # Dive has noted the path by now, without a size.
            seen.setdefault(f"{path}/{name.removeprefix(_WHITEOUT)}", _Seen())
            return False
        size = node.size if not hidden else _weight(lower) if lower is not None and lower.directory else 0
        _count(seen, f"{path}/{name.removeprefix(_WHITEOUT)}", size)
    return True


def _weight(node: _Node) -> int:
    return node.size + sum(_weight(child) for child in node.below.values())


def _graft(stack: _Node, layer: _Node) -> None:
    for name in sorted(layer.below):
        node = layer.below[name]
        if name.startswith(_WHITEOUT):
            stack.below.pop(name.removeprefix(_WHITEOUT), None)
            continue
        found = stack.below.get(name)
        if found is None:
            found = stack.below[name] = _Node()
        _graft(found, node)
        found.size, found.directory = node.size, node.directory
