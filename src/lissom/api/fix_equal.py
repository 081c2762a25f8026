"""Is the image after some fixes the one before, but for what the fixes say?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lissom.analysis.difference import Change, tree_changes
from lissom.context.ignore import Ignore
from lissom.lint.fix import Equivalence, Fix
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Tree

__all__ = ["Allowance", "Comparison", "Noise", "config_changes", "held_against"]

_SHOWN = 5
_NUMBERS = re.compile(r"[0-9a-f]{8,}|[0-9]+")


@dataclass(frozen=True)
class Allowance:
    """What fixes together may do: paths that may be gone, fields of the config that may differ."""

    gone: Ignore
    above: frozenset[str]
    config: frozenset[str]

    @classmethod
    def of(cls, fixes: Iterable[Fix]) -> Allowance:
        """The allowance of fixes that hold by E0, E1 or E2. ``a/b/**`` lets ``a/b`` itself go too."""
        fixes = tuple(fixes)
        globs = [glob.strip("/") for one in fixes if one.equivalence is not Equivalence.E0 for glob in one.paths]
        above = frozenset(glob.removesuffix("/**") for glob in globs if glob.endswith("/**"))
        return cls(Ignore.of(globs), above, frozenset(name for one in fixes for name in one.config))

    def lets_go(self, path: str) -> bool:
        """Whether a path may be gone."""
        return path in self.above or self.gone.is_ignoring(self.gone.deciding_below(path))


@dataclass(frozen=True)
class Noise:
    """What differs between two builds of one Dockerfile: paths, and shapes of the paths that only one of them has.

    A name with a number in it, such as that of a log, is another one in each build: its shape is the same.
    """

    paths: frozenset[str]
    shapes: frozenset[str]

    @classmethod
    def between(cls, one: Tree, other: Tree) -> Noise:
        """What differs between the trees of two builds, times aside."""
        changes = tree_changes(one, other)
        lone = (change.path for change in changes if change.before is None or change.after is None)
        return cls(frozenset(change.path for change in changes), frozenset(map(_shape, lone)))

    def explains(self, change: Change) -> bool:
        """Whether a change is of the kind that two builds of the same file show."""
        if change.before is None or change.after is None:
            return _shape(change.path) in self.shapes
        return change.path in self.paths


@dataclass(frozen=True)
class Comparison:
    """What became of the files and the config: what may be so, what is noise, and what is a fault."""

    gone: tuple[Change, ...]
    noise: tuple[Change, ...]
    faults: tuple[Change, ...]
    config: tuple[str, ...]
    config_faults: tuple[str, ...]

    @cached_property
    def equal(self) -> bool:
        return not (self.faults or self.config_faults)

    @property
    def level(self) -> Equivalence:
        """By which equivalence it holds, if it does."""
        return Equivalence.E2 if self.noise else Equivalence.E1 if self.gone else Equivalence.E0

    @property
    def reason(self) -> str:
        """What differs that should not, in a line or a few; empty when nothing does."""
        lines = [f"{name} of the config differs" for name in self.config_faults]
        lines += [f"/{change.path} {_words(change)}" for change in self.faults[:_SHOWN]]
        if len(self.faults) > _SHOWN:
            lines.append(f"and {len(self.faults) - _SHOWN} paths more")
        return "\n".join(lines)


Side = tuple[Mapping[str, object], Tree]
"""An image's execution parameters and files."""


def held_against(before: Side, after: Side, allowance: Allowance, noise: Callable[[], Noise]) -> Comparison:
    """Compare two images, times aside. ``noise`` is asked only when something differs that may not."""
    changes = tree_changes(before[1], after[1])
    config = config_changes(before[0], after[0])
    lost = _lost((before[1], after[1]), allowance, changes)
    gone = tuple(change for change in changes if lost(change))
    rest = [change for change in changes if not lost(change)]
    known = noise() if rest else Noise(frozenset(), frozenset())
    return Comparison(
        gone,
        tuple(change for change in rest if known.explains(change)),
        tuple(change for change in rest if not known.explains(change)),
        tuple(name for name in config if name in allowance.config),
        tuple(name for name in config if name not in allowance.config),
    )


def config_changes(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    """The execution parameters that differ; what is empty is not there."""
    return tuple(name for name in sorted({*before, *after}) if (before.get(name) or None) != (after.get(name) or None))


def _lost(trees: tuple[Tree, Tree], allowance: Allowance, changes: Sequence[Change]) -> Callable[[Change], bool]:
    """Tells of a change whether it is a removal that may be, or that other names of the same file went by one."""
    removed = {change.path for change in changes if change.after is None and allowance.lets_go(change.path)}
    before, after = (_names(tree) for tree in trees)

    def lost(change: Change) -> bool:
        if change.what != ("names",) or change.before is None or change.after is None:
            return change.path in removed
        kept = before.get(change.before.inode, {change.path}) - removed
        return kept == after.get(change.after.inode, {change.path})

    return lost


def _names(tree: Tree) -> dict[str, set[str]]:
    """The names of each file that may have several."""
    names: dict[str, set[str]] = {}
    for path, entry in tree.items():
        if entry.inode and entry.kind is Kind.FILE:
            names.setdefault(entry.inode, set()).add(path)
    return names


def _shape(path: str) -> str:
    return _NUMBERS.sub("0", path)


def _words(change: Change) -> str:
    if change.before is None:
        return "is new"
    if change.after is None:
        return "is gone"
    return f"differs in {', '.join('its other names' if what == 'names' else what for what in change.what)}"
