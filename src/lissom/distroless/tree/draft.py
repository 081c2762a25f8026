"""A root file system in the making: what is put in later replaces what was there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from lissom.distroless.tree.assembled import Assembled, LeftOut, Origin
from lissom.errors import UsageError
from lissom.rootfs.entry import Content, Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Changeset, Tree

__all__ = ["Draft", "completed", "file", "link"]


class Draft:
    """Entries and origins by path. A path that nobody named an origin for has none: it is a directory in between."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.origins: dict[str, Origin] = {}
        self.left_out: list[LeftOut] = []

    def put(self, entries: Iterable[Entry], origin: Origin) -> None:
        """Put ``entries`` in place, whatever was there."""
        for entry in entries:
            self.entries[entry.path] = entry
            self.origins[entry.path] = origin

    def lay(self, entries: Iterable[Entry], origin: Origin, replaced_by: Collection[str] = ()) -> None:
        """Put a package's ``entries`` in place as dpkg unpacks them: a directory stays as it is, a link is not put in
        its place, and the file of a package that replaces this one stays.
        """
        for entry in entries:
            old = self.entries.get(entry.path)
            if old is not None and old.is_directory:
                stays = entry.kind in (Kind.DIRECTORY, Kind.SYMLINK)
            else:
                stays = old is not None and self.origins[old.path].package in replaced_by
            if not stays:
                self.put([entry], origin)

    def add(self, entries: Iterable[Entry], origin: Origin) -> None:
        """Put those of ``entries`` in place whose path is free: a package's own file is better than a computed one."""
        self.put((entry for entry in entries if entry.path not in self.entries), origin)

    def remove(self, paths: Iterable[str], reason: str = "") -> None:
        """Take ``paths`` away, for a ``reason`` when their packages have lost them; those below a directory too."""
        for path in paths:
            entry, origin = self.entries.pop(path, None), self.origins.pop(path, None)
            if reason and origin is not None and entry is not None and not entry.is_directory:
                self.left_out.append(LeftOut(path, origin.package, reason, entry.size, entry.kind.value))

    def change(self, path: str, content: Content, size: int, reason: str) -> None:
        """Give the file ``path``, by all its names, other content, which is made of what its package has."""
        inode = self.entries[path].inode
        names = [name for name, entry in self.entries.items() if entry.inode == inode] if inode else [path]
        for name in names:
            self.entries[name] = replace(self.entries[name], size=size, content=content)
            self.origins[name] = Origin(self.origins[name].package, reason)

    @property
    def tree(self) -> Tree:
        """What is there by now, parents included."""
        return Tree(completed(self.entries).entries)

    def placed(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """``entries`` where links that are there by now lead: ``/bin/x`` is ``/usr/bin/x``. Raises IntegrityError."""
        tree = self.tree
        for entry in entries:
            above = tree.resolve(parent_of(entry.path))
            path = tree.resolve(entry.path) if entry.is_directory else f"{above}/{entry.name}".lstrip("/")
            yield replace(entry, path=path)

    def finished(self) -> Assembled:
        """All of it. Raises UsageError where something is below what is no directory."""
        return Assembled(completed(self.entries).entries, self.origins, tuple(self.left_out))


def file(path: str, text: str | bytes, mode: int = 0o644) -> Entry:
    """A regular file of root's."""
    data = text.encode() if isinstance(text, str) else text
    return Entry(path, Kind.FILE, mode, size=len(data), content=Inline(data))


def link(path: str, target: str) -> Entry:
    """A symbolic link of root's."""
    return Entry(path, Kind.SYMLINK, 0o777, link=target)


def completed(entries: Mapping[str, Entry]) -> Changeset:
    """A changeset of ``entries`` and the parents that they lack.

    Raises UsageError where one is below what is no directory.
    """
    found = dict(entries)
    for path in entries:
        above = path
        while above := parent_of(above):
            if above in found and not found[above].is_directory:
                what = "a symbolic link" if found[above].kind is Kind.SYMLINK else "no directory"
                raise UsageError(f"cannot make `/{path}`: `/{above}` is {what}")
            found.setdefault(above, Entry(above, Kind.DIRECTORY, 0o755))
    return Changeset.of(found.values())
