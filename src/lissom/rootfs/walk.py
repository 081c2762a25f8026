"""One walk over a directory that holds a tree or an overlay upper."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field

from lissom.errors import StoreError
from lissom.rootfs.entry import Entry, HostFile, Kind
from lissom.rootfs.ownership import DEVICE, FOREIGN, OWNER, XATTR_PREFIX

__all__ = ["Walk"]

_KINDS = {
    stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.DIRECTORY, stat.S_IFLNK: Kind.SYMLINK, stat.S_IFCHR: Kind.CHARACTER,
    stat.S_IFBLK: Kind.BLOCK, stat.S_IFIFO: Kind.FIFO,
}  # fmt: skip


@dataclass(slots=True)
class Walk:
    """One walk over a directory and what it found."""

    root: str
    origin: str
    recorded: bool
    opaque: str
    entries: list[Entry] = field(default_factory=list)
    whiteouts: list[str] = field(default_factory=list)
    opaques: list[str] = field(default_factory=list)

    def visit(self) -> None:
        self._add("", self.root, os.lstat(self.root))
        pending = [("", self.root)]
        while pending:
            prefix, directory = pending.pop()
            with os.scandir(directory) as found:
                for item in found:
                    path, place = prefix + item.name, item.path
                    if self._add(path, place, item.stat(follow_symlinks=False)):
                        pending.append((path + "/", place))

    def _add(self, path: str, place: str, status: os.stat_result) -> bool:
        """Note one file; whether it is a directory."""
        kind = _KINDS.get(stat.S_IFMT(status.st_mode))
        if kind is None:
            return False
        device = (0, 0)
        if kind in (Kind.CHARACTER, Kind.BLOCK):
            device = (os.major(status.st_rdev), os.minor(status.st_rdev))
            if kind is Kind.CHARACTER and device == (0, 0):
                self.whiteouts.append(path)
                return False
        names = os.listxattr(place, follow_symlinks=False)
        uid, gid = status.st_uid, status.st_gid
        xattrs: dict[str, bytes] = {}
        if names:
            kind, device, uid, gid, xattrs = self._recorded(path, place, names, (kind, device, uid, gid))
        elif self.recorded:
            uid = gid = 0
        directory = kind is Kind.DIRECTORY
        self.entries.append(
            Entry(
                path,
                kind,
                status.st_mode & 0o7777,
                uid,
                gid,
                int(status.st_mtime_ns // 1_000_000_000),
                status.st_size if kind is Kind.FILE else 0,
                os.readlink(place) if kind is Kind.SYMLINK else "",
                device,
                xattrs,
                f"{self.origin}:{status.st_dev:x}:{status.st_ino:x}" if status.st_nlink > 1 and not directory else "",
                HostFile(place) if kind is Kind.FILE else None,
            )
        )
        return directory

    def _recorded(
        self, path: str, place: str, names: list[str], found: tuple[Kind, tuple[int, int], int, int]
    ) -> tuple[Kind, tuple[int, int], int, int, dict[str, bytes]]:
        """What attributes say: the tree's own ones, overlay's marks, and what we recorded."""
        values = {name: os.getxattr(place, name, follow_symlinks=False) for name in names}
        if values.get(self.opaque) == b"y":
            self.opaques.append(path)
        for name in values:
            if name.startswith(FOREIGN) and name.endswith((".overlay.redirect", ".overlay.metacopy")):
                raise StoreError(f"cannot read `/{path}`: only its own overlay mount understands `{name}`")
        xattrs = {name: value for name, value in values.items() if not name.startswith(FOREIGN)}
        kind, device, uid, gid = found
        if DEVICE in values and kind is Kind.FILE:
            kind = Kind.BLOCK if values[DEVICE].startswith(b"b") else Kind.CHARACTER
            major, minor = (int(number) for number in values[DEVICE][2:].split(b":"))
            device = (major, minor)
        if not self.recorded:
            return kind, device, uid, gid, xattrs
        uid = gid = 0
        if OWNER in values:
            uid, gid = (int(number) for number in values[OWNER].split(b":"))
        for name, value in values.items():
            if name.startswith(XATTR_PREFIX):
                xattrs[name.removeprefix(XATTR_PREFIX)] = value
        return kind, device, uid, gid, xattrs
