"""How what stays is divided into layers: one, or as the image's own are, with what several images share below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lissom.rootfs.entry import Entry
from lissom.rootfs.tree import Changeset, Tree

__all__ = ["Part", "changesets", "common_layers", "is_whole"]


@dataclass(frozen=True)
class Part:
    """One image to divide: the trees of its first 1, 2, … layers, what stays, and which of that has new content."""

    levels: Sequence[Tree]
    target: Tree
    changed: Mapping[str, Entry]

    @property
    def original(self) -> Tree:
        return self.levels[-1]


def is_whole(part: Part) -> bool:
    """Whether all of the image stays as it is, and no layer of it holds what a later one hides."""
    if part.changed or len(part.target) != len(part.original):
        return False
    return all(_lasts(level, part.original, path) for level in part.levels for path in level)


def common_layers(chains: Sequence[Sequence[str]]) -> int:
    """How many layers, from the lowest, all chains of diff IDs begin with."""
    return next(
        (number for number, ids in enumerate(zip(*chains, strict=False)) if len(set(ids)) > 1), min(map(len, chains))
    )


def changesets(parts: Sequence[Part], shared: int, *, boundaries: bool) -> list[list[Changeset | None]]:
    """The layers of each image, bottom first; None where a layer of the original has nothing that stays.

    The lowest ``shared`` layers of the originals are the same, and so are those that come of them: what any of the
    images needs of them. With ``boundaries`` each layer of the original gives one; without, the shared ones give one
    and the rest another.
    """
    common = _common(parts, shared) if shared else {}
    return [_divided(part, shared, common, boundaries=boundaries) for part in parts]


def _common(parts: Sequence[Part], shared: int) -> dict[str, Entry]:
    """What any image needs of the shared layers, as it is in all that need it."""
    base = parts[0].levels[shared - 1]
    found: dict[str, Entry] = {}
    unlike: set[str] = set()
    for part in parts:
        for path, entry in part.target.items():
            if not _is_from(base, part, path):
                continue
            if path in found and not entry.is_directory and not _alike(found[path], entry):
                unlike.add(path)
            found.setdefault(path, base[path] if entry.is_directory else entry)
    return {path: entry for path, entry in found.items() if path not in unlike}


def _is_from(level: Tree, part: Part, path: str) -> bool:
    """Whether what the image finally has at ``path`` came with ``level`` or below."""
    return _lasts(level, part.original, path)


def _lasts(level: Tree, final: Tree, path: str) -> bool:
    """Whether what is at ``path`` in ``level`` is there in ``final`` too; directories are whatever becomes of them."""
    there, then = level.get(path), final.get(path)
    if there is None or then is None:
        return False
    return there is then or there == then or (there.is_directory and then.is_directory)


def _alike(one: Entry, other: Entry) -> bool:
    return one is other or one == other


def _divided(part: Part, shared: int, common: Mapping[str, Entry], *, boundaries: bool) -> list[Changeset | None]:
    wanted = dict(part.target)
    if shared:  # what others need of the shared layers is there too, unless this image has something else instead
        base = part.levels[shared - 1]
        wanted |= {path: entry for path, entry in common.items() if path not in wanted and _is_from(base, part, path)}
    cuts = list(range(1, len(part.levels))) if boundaries else [shared] if 0 < shared < len(part.levels) else []
    steps = [_step(part, cut, common, shared) if cut <= shared else _step(part, cut, wanted, 0) for cut in cuts]
    result: list[Changeset | None] = []
    before = Tree()
    for step in (*steps, Tree(wanted)):
        result.append(before.diff(step) or None)
        before = step
    return result


def _step(part: Part, cut: int, wanted: Mapping[str, Entry], shared: int) -> Tree:
    """What is there after the lowest ``cut`` layers: of shared ones all that any image wants, else what lasts."""
    level = part.levels[cut - 1]
    if shared:
        base = part.levels[shared - 1]
        return Tree({path: _at(level, path, entry) for path, entry in wanted.items() if _lasts(level, base, path)})
    return Tree({path: _at(level, path, entry) for path, entry in wanted.items() if _is_from(level, part, path)})


def _at(level: Tree, path: str, entry: Entry) -> Entry:
    """A directory has the attributes that it has at that level; files are what finally stays."""
    return level[path] if entry.is_directory and path in level else entry
