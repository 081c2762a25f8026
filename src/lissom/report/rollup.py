"""Many changes in few lines: by directory, those split further where most happens."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from lissom.analysis.difference import Change

__all__ = ["Directory", "rolled_up"]


@dataclass
class Directory:
    """What happens in and below one directory, or to one path that nothing is below."""

    path: str
    added: int = 0
    removed: int = 0
    changed: int = 0
    size: int = 0
    moved: int = 0
    """Bytes that came or went, whichever way: what makes a directory worth a look."""

    children: dict[str, Directory] = field(default_factory=dict, repr=False)
    own: Change | None = None

    @property
    def count(self) -> int:
        """How many paths."""
        return self.added + self.removed + self.changed

    @property
    def whole(self) -> bool:
        """Whether it is one path, or a directory that came or went with all that is in it."""
        return self.own is not None and (not self.children or self.own.sign != "~")

    def add(self, change: Change) -> None:
        self.added += change.sign == "+"
        self.removed += change.sign == "-"
        self.changed += change.sign == "~"
        self.size += change.size
        self.moved += abs(change.size)


def rolled_up(changes: Iterable[Change], lines: int) -> list[Directory]:
    """About ``lines`` directories (or single paths) that hold all ``changes``, in path order.

    What came or went as a whole is told by its topmost directory.
    """
    root = Directory("")
    for change in changes:
        _place(root, change)
    leaves: list[Directory] = []
    queue: list[tuple[int, str, Directory]] = []
    _queue(queue, root)
    while queue:
        *_, directory = heapq.heappop(queue)
        own = [_alone(directory.own)] if directory.own and directory.path else []
        parts = [*directory.children.values(), *own]
        if not directory.children or directory.whole or len(leaves) + len(queue) + len(parts) > lines:
            leaves.append(directory)
            continue
        leaves += own
        for part in directory.children.values():
            _queue(queue, part)
    return sorted(leaves, key=lambda directory: directory.path)


def _queue(queue: list[tuple[int, str, Directory]], directory: Directory) -> None:
    heapq.heappush(queue, (-directory.moved - directory.count, directory.path, directory))


def _place(root: Directory, change: Change) -> None:
    root.add(change)
    here = root
    place = ""
    for part in change.path.split("/") if change.path else ():
        place = f"{place}/{part}" if place else part
        here = here.children.setdefault(place, Directory(place))
        here.add(change)
    here.own = change


def _alone(change: Change) -> Directory:
    single = Directory(change.path, own=change)
    single.add(change)
    return single
