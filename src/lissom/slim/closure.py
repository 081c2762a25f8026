"""All that stays: what the user wants, what was seen used, and what rules add until nothing more follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lissom.context.ignore import Ignore
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Tree
from lissom.sandbox.watch import Sighting
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.scene import Level, Scene

__all__ = ["ASKED", "closure"]

ASKED = "--keep"
_CLOSED = "closure.made"
_LINK = "link"
_START = "the container's start"
_REASONS = {"exec": "executed", "open": "opened", "list": "listed", "readlink": _LINK, "stat": "asked for"}


def closure(
    scene: Scene,
    rules: Sequence[Rule],
    *,
    keep: Sequence[str] = (),
    drop: Sequence[str] = (),
    also: Sequence[Keep] = (),
) -> Keeps:
    """What stays of ``scene.tree``, each path with its reason. At the level ``strict`` only strict rules hold.

    ``keep`` and ``drop`` are patterns as in .dockerignore, of absolute or relative paths: what they match stays or
    goes with everything below it; ``also`` stays besides. What is dropped is as if the image never had it, whoever
    else wants it, and brings nothing with it. Raises UsageError for a malformed pattern.
    """
    scene = _fresh(scene)
    tree = _without(scene.tree, Ignore.of(drop)) if drop else scene.tree
    keeps = Keeps(tree)
    if keep:
        for one in _wanted(tree, Ignore.of(keep)):
            keeps.add(one)
    for one in also:
        keeps.add(one)
    for one in sorted(_traced(scene, tree), key=lambda keep: keep.reason == _LINK):
        keeps.add(one)
    holding = [rule for rule in rules if rule.strict or scene.level is not Level.STRICT]
    while _grow(scene, keeps, holding):
        pass
    return keeps


def _fresh(scene: Scene) -> Scene:
    """``scene``, or when a closure of it was made already, the same without what rules noted on the way to that."""
    if _CLOSED in scene.memo:
        again = replace(scene, memo={})
        vars(again)["packages"] = scene.packages  # a cached property, which reads much
        scene = again
    scene.memo[_CLOSED] = True
    return scene


def _grow(scene: Scene, keeps: Keeps, rules: Sequence[Rule]) -> bool:
    """Add all that follows from single files, then what families bring; whether those brought anything."""
    follows = [rule.follow for rule in rules if rule.follow is not None]
    for keep in keeps.take():
        for follow in follows:
            for need in follow(scene, keep):
                keeps.add(need)
    before = len(keeps)
    for rule in rules:
        if rule.family is not None:
            for need in list(rule.family(scene, keeps)):
                keeps.add(need)
    return len(keeps) > before


def _traced(scene: Scene, tree: Tree) -> Iterator[Keep]:
    for path, sighting in scene.touched.items():
        if path in tree:
            program = sighting.program.strip("/") if scene.is_file(sighting.program) else _START
            yield Keep(path, _reason(tree[path], sighting), program)


def _reason(entry: Entry, sighting: Sighting) -> str:
    if entry.kind is Kind.SYMLINK:
        return _LINK
    if entry.is_directory:
        return "listed" if sighting.kind == "list" else "directory needed"
    return _REASONS.get(sighting.kind, "asked for")


def _wanted(tree: Tree, patterns: Ignore) -> Iterator[Keep]:
    for path, number in _decisions(tree, patterns):
        if patterns.is_ignoring(number):
            yield Keep(path, ASKED, patterns.patterns[number].text)


def _without(tree: Tree, patterns: Ignore) -> Tree:
    """``tree`` less what the patterns match; directories above what an exception takes back stay."""
    left = {"", *(path for path, number in _decisions(tree, patterns) if not patterns.is_ignoring(number))}
    for path in sorted(left):
        above = path
        while (above := parent_of(above)) not in left:
            left.add(above)
    return Tree({path: tree[path] for path in left})


def _decisions(tree: Tree, patterns: Ignore) -> Iterator[tuple[str, int]]:
    """Each path but the root with the number of the pattern that decides on it, parents first."""
    numbers = {"": -1}
    for path in tree:
        if path:
            numbers[path] = patterns.deciding(path, numbers[parent_of(path)])
            yield path, numbers[path]
