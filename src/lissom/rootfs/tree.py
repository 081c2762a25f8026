"""Trees and changesets: what a root file system is, and what a layer does to it.

A changeset is applied as the image specification's layer page says: whiteouts first, then entries; a directory over a
directory keeps the children, any other clash replaces what was there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Kind, parent_of

__all__ = ["Changeset", "Tree"]

_LINK_LIMIT = 255


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
        parts = [p for p in reversed(path.split("/")) if p not in ("", ".")]
        resolved: list[str] = []
        seen = 0
        while parts:
            part = parts.pop()
            if part == "..":
                if resolved:
                    resolved.pop()
                continue
            here = "/".join([*resolved, part])
            entry = self._entries.get(here)
            if entry is None or entry.kind is not Kind.SYMLINK or (not parts and not follow):
                resolved.append(part)
                continue
            seen += 1
            if seen > _LINK_LIMIT:
                raise IntegrityError(f"cannot resolve `/{path}`: too many levels of symbolic links")
            if entry.link.startswith("/"):
                resolved.clear()
            parts.extend(p for p in reversed(entry.link.split("/")) if p not in ("", "."))
        return "/".join(resolved)

    def apply(self, changeset: Changeset) -> Tree:
        """This tree with ``changeset`` laid over it."""
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
        for path, entry in changeset.entries.items():
            entries[path] = _linked(self._entries, changeset, entry) if entry.kind is Kind.HARDLINK else entry
        return Tree(entries)


def _linked(lower: Mapping[str, Entry], changeset: Changeset, entry: Entry) -> Entry:
    target = changeset.entries.get(entry.link) or lower.get(entry.link)
    if target is None or target.kind in (Kind.DIRECTORY, Kind.HARDLINK):
        raise IntegrityError(f"cannot link `/{entry.path}`: its target `/{entry.link}` is not a file of the image")
    return replace(target, path=entry.path)


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
