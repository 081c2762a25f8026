"""A tree as package records see it: their texts read, the paths they name found."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Tree

__all__ = ["Root"]

_LARGEST_TEXT = 64 << 20


class Root:
    """``tree`` with every directory that was asked for resolved once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._real: dict[str, str] = {"": ""}

    def place(self, path: str) -> str:
        """Where ``path`` is with its parents' links followed, its own last part not; it need not be there."""
        path = path.strip("/")
        if "//" in path or "./" in path or path.endswith("/.") or path in (".", ".."):
            path = posixpath.normpath(f"/{path}").strip("/")
        parent, slash, name = path.rpartition("/")
        if not slash:
            return path
        real = self._real.get(parent)
        if real is None:
            real = self._directory(parent)
        return f"{real}/{name}" if real else name

    def split(self, paths: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Of ``paths`` those that are in the tree, in their places: what is no directory, and directories.

        A link that others of ``paths`` lead through stands for a directory, as one of the root does that leads to
        one (of ``/lib`` and its like, where /usr is merged); it is in neither.
        """
        files, directories, parents = set[str](), set[str](), set[str]()
        for path in paths:
            place = self.place(path)
            entry = self.tree.get(place)
            if entry is not None and not self._is_merged(place, entry):
                (directories if entry.is_directory else files).add(place)
            parents.add(path.strip("/").rpartition("/")[0])
        return frozenset(files - parents), frozenset(directories)

    def _is_merged(self, place: str, entry: Entry) -> bool:
        if entry.kind is not Kind.SYMLINK or "/" in place:
            return False
        end = self.tree.get(self.follow(place))
        return end is not None and end.is_directory

    def follow(self, path: str) -> str:
        """Where ``path`` leads, its last part followed too; links in circles lead nowhere."""
        place = self.place(path)
        entry = self.tree.get(place)
        return place if entry is None or entry.kind is not Kind.SYMLINK else self._led(place)

    def text(self, path: str, limit: int = _LARGEST_TEXT) -> str:
        """A file as text, bytes that are no UTF-8 as surrogates; empty when it is no file or too large."""
        entry = self.tree.get(self.follow(path))
        if entry is None or entry.kind is not Kind.FILE or entry.content is None or entry.size > limit:
            return ""
        with entry.content.open() as stream:
            return stream.read(limit).decode("utf-8", "surrogateescape")

    def files_below(self, directory: str) -> Iterator[str]:
        """Paths below a directory that are no directories; none when it is none."""
        entry: Entry | None = self.tree.get(directory)
        waiting = [directory] if entry is not None and entry.is_directory else []
        while waiting:
            for child in self.tree.children(waiting.pop()):
                if self.tree[child].is_directory:
                    waiting.append(child)
                else:
                    yield child

    def _directory(self, path: str) -> str:
        missing = []
        while path not in self._real:
            missing.append(path)
            path = parent_of(path)
        real = self._real[path]
        for each in reversed(missing):
            name = each.rpartition("/")[2]
            here = f"{real}/{name}" if real else name
            entry = self.tree.get(here)
            real = self._led(here) if entry is not None and entry.kind is Kind.SYMLINK else here
            self._real[each] = real
        return real

    def _led(self, link: str) -> str:
        try:
            return self.tree.resolve(link)
        except IntegrityError:
            return link
