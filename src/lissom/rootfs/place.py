"""Puts entries into a directory, one by one, without ever following a link that an archive made."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from lissom.errors import IntegrityError, StoreError
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.ownership import DEVICE, OWNER, XATTR_PREFIX, Ownership

__all__ = ["Placer", "with_parents"]

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NODES = {Kind.CHARACTER: stat.S_IFCHR, Kind.BLOCK: stat.S_IFBLK, Kind.FIFO: stat.S_IFIFO}
_LETTERS = {Kind.CHARACTER: "c", Kind.BLOCK: "b"}


class Placer:
    """Writes entries below ``directory``, whose parents it opens one by one with O_NOFOLLOW and keeps open.

    A later entry replaces an earlier one. ``finish`` sets what must come last: the times of directories. With
    ``userxattr`` overlay marks are ``user.overlay.*`` instead of ``trusted.overlay.*``.
    """

    def __init__(self, directory: str, *, ownership: Ownership, userxattr: bool = False) -> None:
        self._ownership = ownership
        self._recorded = ownership is Ownership.RECORDED
        self._opaque = "user.overlay.opaque" if userxattr else "trusted.overlay.opaque"
        self._root = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open: list[tuple[str, int]] = [("", self._root)]
        self._times: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for _name, fd in self._open:
            os.close(fd)
        self._open.clear()

    def put(self, entry: Entry, chunks: Iterable[bytes | memoryview] = ()) -> None:
        """Put one entry in place of whatever is there. Raises IntegrityError or StoreError that name it."""
        try:
            self._put(entry, chunks)
        except OSError as error:
            raise _failed(entry.path, error) from error

    def _put(self, entry: Entry, chunks: Iterable[bytes | memoryview]) -> None:
        path, kind = entry.path, entry.kind
        if kind is Kind.DIRECTORY:
            self._directory(entry)
            return
        parent, name = self._parent(path)
        if kind is Kind.FILE:
            fd = self._exclusively(parent, name, lambda: os.open(name, _NEW_FILE, 0o600, dir_fd=parent))
            try:
                for chunk in chunks:
                    _write(fd, chunk)
                self._attributes(fd, entry)
            finally:
                os.close(fd)
        elif kind is Kind.SYMLINK:
            self._exclusively(parent, name, lambda: os.symlink(entry.link, name, dir_fd=parent))
            self._named_attributes(parent, name, entry)
        else:
            self._node(parent, name, entry)

    def link(self, path: str, target: str) -> None:
        """Make ``path`` another name of ``target``. Raises IntegrityError when there is no such file."""
        try:
            source, source_name = self._parent(target)
            held = os.dup(source)
            try:
                parent, name = self._parent(path)
                names = {"src_dir_fd": held, "dst_dir_fd": parent}
                self._exclusively(parent, name, lambda: os.link(source_name, name, **names, follow_symlinks=False))
            finally:
                os.close(held)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EPERM, errno.ENOTDIR):
                raise IntegrityError(f"cannot link `/{path}`: its target `/{target}` is not a file") from error
            raise _failed(path, error) from error

    def whiteout(self, path: str) -> None:
        """Put the 0:0 character device by which overlayfs hides ``path`` of the layers below."""
        try:
            parent, name = self._parent(path)
            self._exclusively(parent, name, lambda: os.mknod(name, stat.S_IFCHR, 0, dir_fd=parent))
        except OSError as error:
            raise _failed(path, error) from error

    def opaque(self, path: str) -> None:
        """Mark the directory ``path`` so that overlayfs hides what the layers below have in it."""
        try:
            os.setxattr(self._enter(path), self._opaque, b"y")
        except OSError as error:
            raise _failed(path, error) from error

    def remove_others(self, path: str, kept: set[str]) -> None:
        """Remove ``path`` and what is below it, but for the paths in ``kept`` (which holds their parents too)."""
        try:
            parent, name = self._parent(path)
            _remove_others(parent, name, path, kept)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                raise _failed(path, error) from error

    def clear_others(self, path: str, kept: set[str]) -> None:
        """Remove what the directory ``path`` holds, but for the paths in ``kept``."""
        try:
            fd = self._enter(path)
            for name in os.listdir(fd):
                _remove_others(fd, name, f"{path}/{name}" if path else name, kept)
        except OSError as error:
            raise _failed(path, error) from error

    def finish(self) -> None:
        """Set the times of directories, deepest first."""
        for path in sorted(self._times, reverse=True):
            with suppress(FileNotFoundError, NotADirectoryError):
                fd = self._enter(path)
                os.utime(fd, (self._times[path], self._times[path]))

    def _parent(self, path: str) -> tuple[int, str]:
        parent, slash, name = path.rpartition("/")
        if self._open[-1][0] == parent:
            return self._open[-1][1], name
        return (self._enter(parent) if slash else self._enter("")), name

    def _enter(self, path: str) -> int:
        """An open descriptor of the directory ``path``, which stays ours; missing parents are made."""
        opened = self._open
        while opened[-1][0] != path and not (len(opened) == 1 or path.startswith(opened[-1][0] + "/")):
            os.close(opened.pop()[1])
        here, fd = opened[-1]
        rest = path[len(here) :].strip("/") if path != here else ""
        for part in rest.split("/") if rest else ():
            try:
                child = os.open(part, _DIRECTORY, dir_fd=fd)
            except FileNotFoundError:
                os.mkdir(part, 0o755, dir_fd=fd)
                child = os.open(part, _DIRECTORY, dir_fd=fd)
            here, fd = (f"{here}/{part}" if here else part), child
            opened.append((here, fd))
        return fd

    def _exclusively(self, parent: int, name: str, make: Callable[[], int | None]) -> int:
        """Call ``make``; when something is in the way, remove it and call again."""
        try:
            result = make()
        except FileExistsError:
            _remove(parent, name)
            result = make()
        return result or 0

    def _directory(self, entry: Entry) -> None:
        path = entry.path
        if path:
            parent, name = self._parent(path)
            try:
                os.mkdir(name, 0o700, dir_fd=parent)
            except FileExistsError:
                if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                    _remove(parent, name)
                    os.mkdir(name, 0o700, dir_fd=parent)
        self._attributes(self._enter(path), entry)
        self._times[path] = entry.mtime

    def _attributes(self, fd: int, entry: Entry) -> None:
        """Owner first: chown clears setuid bits and capabilities."""
        if not self._recorded:
            os.fchown(fd, entry.uid, entry.gid)
        elif entry.uid or entry.gid:
            os.setxattr(fd, OWNER, b"%d:%d" % (entry.uid, entry.gid))
        if entry.xattrs:
            self._xattrs(fd, entry)
        os.fchmod(fd, entry.mode)
        os.utime(fd, (entry.mtime, entry.mtime))

    def _xattrs(self, fd: int, entry: Entry) -> None:
        for name, value in entry.xattrs.items():
            try:
                os.setxattr(fd, name, value)
            except OSError as error:
                if self._recorded and error.errno in (errno.EPERM, errno.ENOTSUP):
                    os.setxattr(fd, XATTR_PREFIX + name, value)
                elif error.errno != errno.ENOTSUP or name == "security.capability":
                    raise

    def _named_attributes(self, parent: int, name: str, entry: Entry) -> None:
        """Attributes of what cannot be opened: links and nodes."""
        if not self._recorded:
            os.chown(name, entry.uid, entry.gid, dir_fd=parent, follow_symlinks=False)
        if entry.kind is not Kind.SYMLINK:
            os.chmod(name, entry.mode, dir_fd=parent)
        os.utime(name, (entry.mtime, entry.mtime), dir_fd=parent, follow_symlinks=False)
        if entry.xattrs:
            place = f"/proc/self/fd/{parent}/{name}"
            for key, value in entry.xattrs.items():
                # User attributes exist on files and directories only, whatever the archive says.
                with suppress(OSError):
                    os.setxattr(place, key, value, follow_symlinks=False)

    def _node(self, parent: int, name: str, entry: Entry) -> None:
        mode, device = _NODES[entry.kind] | entry.mode, os.makedev(*entry.device)
        if self._recorded and entry.kind is not Kind.FIFO:
            self._node_record(parent, name, entry)
            return
        try:
            self._exclusively(parent, name, lambda: os.mknod(name, mode, device, dir_fd=parent))
        except PermissionError:
            # A user namespace with many ids can chown, but no namespace can make devices.
            self._node_record(parent, name, entry)
            return
        self._named_attributes(parent, name, entry)

    def _node_record(self, parent: int, name: str, entry: Entry) -> None:
        fd = self._exclusively(parent, name, lambda: os.open(name, _NEW_FILE, 0o600, dir_fd=parent))
        try:
            self._attributes(fd, entry)
            os.setxattr(fd, DEVICE, f"{_LETTERS[entry.kind]} {entry.device[0]}:{entry.device[1]}".encode())
        finally:
            os.close(fd)


def _write(fd: int, data: bytes | memoryview) -> None:
    written = os.write(fd, data)
    while written < len(data):
        written += os.write(fd, memoryview(data)[written:])


def _remove(parent: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=parent)
    except IsADirectoryError:
        shutil.rmtree(name, dir_fd=parent)


def _remove_others(parent: int, name: str, path: str, kept: set[str]) -> None:
    if path not in kept:
        _remove(parent, name)
        return
    if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
        return
    fd = os.open(name, _DIRECTORY, dir_fd=parent)
    try:
        for child in os.listdir(fd):
            _remove_others(fd, child, f"{path}/{child}", kept)
    finally:
        os.close(fd)


def with_parents(paths: Iterable[str]) -> set[str]:
    """``paths`` and everything above them."""
    found: set[str] = set()
    for path in paths:
        here = path
        while here not in found:
            found.add(here)
            here = parent_of(here)
    return found


def _failed(path: str, error: OSError) -> IntegrityError | StoreError:
    if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG):
        return IntegrityError(f"cannot unpack `/{path}`: {error.strerror}")
    return StoreError(f"cannot unpack `/{path}`: {error.strerror}")
