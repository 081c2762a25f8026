"""The rows of an account, from the trees before and after and from what says why each path stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lissom.analysis.difference import weights
from lissom.errors import IntegrityError
from lissom.image.image import Image
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Tree
from lissom.slim.account import Kept, Removed, Side
from lissom.slim.keep import Keep

__all__ = ["kept_rows", "removed_rows", "side"]

_MADE = "made"

Owner = Callable[[str], str]
"""The package that a path came with as "kind name", empty for none."""


def side(reference: str, image: Image, tree: Tree) -> Side:
    """An image in figures."""
    sizes = weights(tree)
    return Side(
        reference,
        image.digest,
        sum(sizes.values()),
        sum(layer.descriptor.size for layer in image.layers),
        sum(not entry.is_directory for entry in tree.values()),
        len(image.layers),
    )


def kept_rows(before: Tree, after: Tree, keeps: Mapping[str, Keep], owner: Owner) -> tuple[Kept, ...]:
    """A row for each path of ``after``; what no keep speaks of was made for the new image.

    What led to a keep is told as a path of ``after`` where it is one, be it through links.
    """
    then, now = weights(before), weights(after)
    rows = []
    for path, entry in _below_root(after):
        keep = keeps.get(path) or Keep(path, _MADE)
        because_of = _place(after, keep.because_of)
        rows.append(
            Kept(
                path,
                keep.reason,
                because_of if because_of != path else "",
                now.get(path, 0),
                then.get(path, 0),
                owner(path),
                _kind(entry, path in now),
            )
        )
    return tuple(rows)


def removed_rows(
    before: Tree, after: Tree, owner: Owner, *, reasons: Mapping[str, str] | None = None
) -> tuple[Removed, ...]:
    """A row for each path of ``before`` that ``after`` lacks; ``reasons`` tells of those that something asked for."""
    told = reasons or {}
    sizes = weights(before)
    return tuple(
        Removed(path, sizes.get(path, 0), owner(path), _kind(entry, path in sizes), told.get(path, ""))
        for path, entry in _below_root(before)
        if path not in after
    )


def _below_root(tree: Tree) -> Iterator[tuple[str, Entry]]:
    return ((path, tree[path]) for path in tree if path)


def _kind(entry: Entry, sized: bool) -> str:
    return "hardlink" if entry.kind is Kind.FILE and not sized else entry.kind.value


def _place(tree: Tree, because_of: str) -> str:
    """``because_of`` as the path that it leads to, itself when it is none."""
    path = because_of.strip("/")
    if not path or path in tree:
        return path
    try:
        real = tree.resolve(path)
    except IntegrityError:
        return because_of
    return real if real and real in tree else because_of
