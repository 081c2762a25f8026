"""What differs between two trees, path by path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Tree, same_bytes

__all__ = ["Change", "tree_changes", "weights"]


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs. ``before`` is None when it is new, ``after`` when it is gone.

    ``what`` names what differs when both are there: kind, mode, owner, size, content, link, device, xattrs, names (what
    else is the same file), time. ``size`` is by how many bytes the tree grew; further names of a file weigh nothing.
    """

    path: str
    before: Entry | None
    after: Entry | None
    what: tuple[str, ...]
    size: int

    @property
    def sign(self) -> str:
        """``+`` for what is new, ``-`` for what is gone, ``~`` for what changed."""
        return "+" if self.before is None else "-" if self.after is None else "~"


def tree_changes(before: Tree, after: Tree, *, times: bool = False) -> tuple[Change, ...]:
    """The paths that differ, sorted. Contents of equal size that are kept in different places are read and compared."""
    sizes = weights(before), weights(after)
    names = _names(before), _names(after)
    found: list[Change] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        what = () if old is None or new is None else _what(old, new, names, times=times)
        if old is None or new is None or what:
            size = sizes[1].get(path, 0) - sizes[0].get(path, 0)
            found.append(Change(path, old, new, what, size))
    return tuple(found)


def _what(
    old: Entry, new: Entry, names: tuple[Mapping[str, str], Mapping[str, str]], *, times: bool
) -> tuple[str, ...]:
    links = names[0].get(old.path, old.path) != names[1].get(new.path, new.path)
    if old is new:
        return ("names",) if links else ()
    differ = {
        "kind": old.kind is not new.kind,
        # The mode of a symbolic link means nothing, and tools write different ones.
        "mode": old.mode != new.mode and new.kind is not Kind.SYMLINK,
        "owner": (old.uid, old.gid) != (new.uid, new.gid),
        "link": old.kind is new.kind and old.link != new.link,
        "device": old.kind is new.kind and old.device != new.device,
        "xattrs": dict(old.xattrs) != dict(new.xattrs),
        "time": times and old.mtime != new.mtime,
    }
    if old.kind is new.kind is Kind.FILE:
        differ["size"] = old.size != new.size
        differ["content"] = differ["size"] or not same_content(old, new)
        differ["names"] = links
    return tuple(word for word, differs in differ.items() if differs)


def same_content(old: Entry, new: Entry) -> bool:
    """Whether two files of equal size hold the same bytes."""
    if old.content == new.content or not old.size:
        return True
    return same_bytes(old.content, new.content)


def _names(tree: Tree) -> dict[str, str]:
    """All names of a file for each of them, of files that have several."""
    groups: dict[str, list[str]] = {}
    for path in tree:
        if tree[path].inode and tree[path].kind is Kind.FILE:
            groups.setdefault(tree[path].inode, []).append(path)
    joined = ((group, "\0".join(group)) for group in groups.values() if len(group) > 1)
    return {path: text for group, text in joined for path in group}


def weights(tree: Tree) -> dict[str, int]:
    """Bytes of each file by the first of its names."""
    weights: dict[str, int] = {}
    seen: set[str] = set()
    for path in tree:
        entry = tree[path]
        if entry.kind is Kind.FILE and entry.inode not in seen:
            weights[path] = entry.size
            if entry.inode:
                seen.add(entry.inode)
    return weights
