"""Trees and changesets: what a root file system is, and what a layer does to it.

A changeset is applied as the image specification's layer page says: whiteouts first, then entries; a directory over a
directory keeps the children, any other clash replaces what was there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lissom.rootfs.completion import completed, resolved
from lissom.rootfs.entry import Content, Entry, Kind, parent_of

__all__ = ["Changeset", "Tree", "same_bytes"]

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Changeset:
    """What a layer does: paths it removes, directories whose lower children it hides, entries it puts in place."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    whiteouts: frozenset[str] = frozenset()
    opaques: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[Entry], whiteouts: Iterable[str] = (), opaques: Iterable[str] = ()) -> Changeset:
        """A changeset with its entries in path order; of two entries for one path the later one wins."""
        by_path = {entry.path: entry for entry in entries}
        return cls({path: by_path[path] for path in sorted(by_path)}, frozenset(whiteouts), frozenset(opaques))

    def __bool__(self) -> bool:
        return bool(self.entries or self.whiteouts or self.opaques)

    def complete(self, lower: Tree) -> Changeset:
        """The same change to ``lower`` in a form that stands alone, as an overlay file system needs it.

        Parents that the layer left out are added with the lower's attributes, paths through symbolic links of the
        lower lead where those lead, hard links to lower files bring the file (and its other names) with them, and
        whiteouts of what is not there are dropped. Applying the result gives what applying this one gives.
        Raises IntegrityError when a parent is no directory or a hard link has no target.
        """
        return completed(self, lower)


class Tree(Mapping[str, Entry]):
    """A root file system as a value: path → entry. The root directory is always there, as ``""``."""

    def __init__(self, entries: Mapping[str, Entry] | None = None) -> None:
        self._entries: dict[str, Entry] = dict(entries or {})
        self._entries.setdefault("", Entry("", Kind.DIRECTORY, 0o755))
        self._children: dict[str, list[str]] | None = None

    def __getitem__(self, path: str) -> Entry:
        return self._entries[path]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def children(self, path: str) -> list[str]:
        """The sorted paths directly below the directory ``path``."""
        if self._children is None:
            index: dict[str, list[str]] = {}
            for child in sorted(self._entries):
                if child:
                    index.setdefault(parent_of(child), []).append(child)
            self._children = index
        return self._children.get(path, [])

    def below(self, path: str) -> Iterator[Entry]:
        """Every entry below the directory ``path``, parents first, in path order of each directory."""
        for child in self.children(path):
            entry = self._entries[child]
            yield entry
            if entry.is_directory:
                yield from self.below(child)

    def resolve(self, path: str, *, follow: bool = True) -> str:
        """Where ``path`` leads inside this root, links followed as the kernel does after chroot.

        With ``follow=False`` the last part is not followed. Parts that do not exist are kept as they are, so the
        result need not exist. Raises IntegrityError when links form a cycle.
        """
        return resolved(self._entries.get, path, follow=follow)

    def apply(self, changeset: Changeset) -> Tree:
        """This tree with ``changeset`` laid over it."""
        if not self._holds_parents_of(changeset):
            changeset = changeset.complete(self)
        entries = dict(self._entries)
        if changeset.whiteouts or changeset.opaques:
            _remove(entries, changeset)
        replaced: set[str] = set()
        for path, entry in changeset.entries.items():
            old = entries.get(path)
            if old is not None and old.is_directory and not entry.is_directory:
                replaced.add(path)
        if replaced:
            _drop_below(entries, replaced)
        entries.update(changeset.entries)
        return Tree(entries)

    def _holds_parents_of(self, changeset: Changeset) -> bool:
        """Whether ``changeset`` can be laid over this tree as it is: nothing in it hangs in the air."""
        hides = bool(changeset.whiteouts or changeset.opaques)
        for path, entry in changeset.entries.items():
            if entry.kind is Kind.HARDLINK:
                return False
            parent = parent_of(path)
            above = changeset.entries.get(parent) or (None if hides and parent else self._entries.get(parent))
            if above is None or not above.is_directory:
                return False
        return all(parent_of(path) in self._entries for path in changeset.whiteouts | changeset.opaques)

    def diff(self, other: Tree) -> Changeset:
        """What makes ``other`` of this tree: ``a.apply(a.diff(b))`` is ``b``.

        Times count. Files of equal size whose contents are kept in different places are read and compared. When a hard
        link is new or gone from its group, all names that the group now has are in the result.
        """
        entries, old, new = other._entries, _groups(self._entries), _groups(other._entries)
        whiteouts = [
            path
            for path in self._entries
            if path not in entries and (up := entries.get(parent_of(path))) and up.is_directory
        ]
        changed = {path for path, entry in entries.items() if not _same(self._entries.get(path), entry)}
        for group in [*new.values(), *({path} for path, entry in entries.items() if not entry.inode)]:
            if group & changed or any(self._linked_otherwise(path, group, old, changed, entries) for path in group):
                changed |= group
        # A file in the place of a directory needs no whiteout; a directory in its parent's place hides the old one.
        return Changeset.of((entries[path] for path in changed), whiteouts)

    def _linked_otherwise(
        self, path: str, group: set[str], old: Mapping[str, set[str]], changed: set[str], new: Mapping[str, Entry]
    ) -> bool:
        """Whether the names that ``path`` would keep are not those of ``group``."""
        before = {name for name in old.get(self._entries[path].inode, {path}) if name in new and name not in changed}
        return before != group


def _groups(entries: Mapping[str, Entry]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for path, entry in entries.items():
        if entry.inode:
            groups.setdefault(entry.inode, set()).add(path)
    return groups


def _same(old: Entry | None, new: Entry) -> bool:
    if old is None:
        return False
    if old is new:
        return True
    if replace(old, content=None, inode="") != replace(new, content=None, inode=""):
        return False
    return old.content == new.content or same_bytes(old.content, new.content)


def same_bytes(old: Content | None, new: Content | None) -> bool:
    """Whether two contents, wherever they are kept, hold the same bytes; no content is like none."""
    if old is None or new is None:
        return False
    with old.open() as left, new.open() as right:
        while True:
            a, b = left.read(_CHUNK), right.read(_CHUNK)
            if a != b or not a:
                return a == b


def _remove(entries: dict[str, Entry], changeset: Changeset) -> None:
    for path in changeset.whiteouts:
        entries.pop(path, None)
    _drop_below(entries, changeset.whiteouts | changeset.opaques)


def _drop_below(entries: dict[str, Entry], directories: Iterable[str]) -> None:
    """Remove everything below ``directories`` in one pass: the cost does not grow with their number."""
    gone = set(directories)
    if "" in gone:
        for path in [p for p in entries if p]:
            del entries[path]
        return
    for path in list(entries):
        above = path
        while above := parent_of(above):
            if above in gone:
                del entries[path]
                break
