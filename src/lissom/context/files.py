"""A directory of files as a tree: what a build context shows of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from lissom.context.ignore import Ignore
from lissom.errors import UsageError
from lissom.rootfs.entry import Entry, HostFile, Inline, Kind
from lissom.rootfs.tree import Tree

__all__ = ["scan_files"]

_KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFIFO: Kind.FIFO,
    stat.S_IFSOCK: Kind.FILE,
    stat.S_IFCHR: Kind.CHARACTER,
    stat.S_IFBLK: Kind.BLOCK,
}


def scan_files(root: Path, ignore: Ignore | None = None, *, most: int | None = None) -> Tree:
    """The files below ``root`` that ``ignore`` leaves: root's own, without extended attributes, links as they are.

    Sockets become empty files; modes and times are kept. Raises UsageError naming a directory that cannot be read
    (what is ignored need not be readable), and when there are more than ``most`` files.
    """
    entries = {"": Entry("", Kind.DIRECTORY, 0o755)}
    for entry in _Scan(root, ignore or Ignore()).walk("", -1):
        if most is not None and len(entries) > most:
            raise UsageError(f"cannot look through `{root}`: it holds more than {most} files")
        entries[entry.path] = entry
    return Tree(entries)


class _Scan:
    def __init__(self, root: Path, ignore: Ignore) -> None:
        self._root = os.fspath(root)
        self._ignore = ignore

    def walk(self, directory: str, above: int) -> Iterator[Entry]:
        for item in self._items(directory):
            path = f"{directory}/{item.name}" if directory else item.name
            number = self._ignore.deciding(path, above)
            ignored = self._ignore.is_ignoring(number)
            is_directory = item.is_dir(follow_symlinks=False)
            if ignored and not (is_directory and self._ignore.may_keep_below(path, number)):
                continue
            entry = _entry(path, item)
            if entry is None:
                continue
            below = self.walk(path, number) if is_directory else iter(())
            if ignored:
                first = next(below, None)
                if first is None:
                    continue
                below = chain([first], below)
            yield entry
            yield from below

    def _items(self, directory: str) -> list[os.DirEntry[str]]:
        place = f"{self._root}/{directory}" if directory else self._root
        try:
            with os.scandir(place) as found:
                return sorted(found, key=lambda item: item.name)
        except OSError as error:
            raise _unreadable(place, error) from error


def _entry(path: str, item: os.DirEntry[str]) -> Entry | None:
    try:
        status = item.stat(follow_symlinks=False)
        link = os.readlink(item.path) if item.is_symlink() else ""
    except OSError as error:
        raise _unreadable(item.path, error) from error
    kind = _KINDS.get(stat.S_IFMT(status.st_mode))
    if kind is None:
        return None
    mode = 0o777 if kind is Kind.SYMLINK else status.st_mode & 0o7777
    mtime = status.st_mtime_ns // 1_000_000_000
    if kind is not Kind.FILE:
        device = (os.major(status.st_rdev), os.minor(status.st_rdev))
        return Entry(path, kind, mode, 0, 0, mtime, link=link, device=device)
    if stat.S_ISSOCK(status.st_mode):
        return Entry(path, kind, mode, 0, 0, mtime, content=Inline(b""))
    inode = f"files:{status.st_dev}:{status.st_ino}" if status.st_nlink > 1 else ""
    return Entry(path, kind, mode, 0, 0, mtime, status.st_size, inode=inode, content=HostFile(item.path))


def _unreadable(place: str, error: OSError) -> UsageError:
    return UsageError(
        f"cannot read `{place}` of the build context: {error.strerror}",
        hint="name it in .dockerignore if the build does not need it",
    )
