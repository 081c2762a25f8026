"""The root file system that a process sees: overlay, mount points, kernel file systems, mounts.

Runs in the new mount namespace, before the process: imports are rationed (os and kernel calls). Mount points that the
image lacks are made in a directory of stubs, the topmost *lower* of the overlay; parents that exist are copied there
with their attributes. So neither a mount point nor a changed time ever lands in the upper directory.
"""

from __future__ import annotations

import errno
import os
import stat
from binascii import a2b_base64
from collections.abc import Iterable, Mapping
from typing import Any

from lissom.sandbox import kernel as k
from lissom.sandbox.stubs import Stubs, own

__all__ = ["build"]

_STAGES = ("/tmp", "/run", "/mnt", "/var", "/usr")  # noqa: S108 - the mount is private to this namespace
_DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "core": "/proc/kcore",
    "ptmx": "pts/ptmx",
}
_MASKED = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
)
_READONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
_LOCKED = k.MS_NOSUID | k.MS_NODEV | k.MS_NOEXEC
_OVERLAY_OPTIONS = "redirect_dir=off,metacopy=off,index=off"


def build(spec: Mapping[str, Any]) -> None:
    """Mount everything that ``spec`` asks for and make it the root directory of this namespace."""
    k.mount("", "/", flags=k.MS_REC | k.MS_PRIVATE)
    builder = _Builder(spec)
    builder.mount_root()
    builder.mount_kernel()
    builder.mount_wanted()
    builder.enter()


class _Builder:
    """The steps of ``build`` and the descriptors that they share. Sources are opened before the stage hides any."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = spec
        self._nested = spec["nested"]
        self._lowers = _open_all(spec["lowers"])
        self._upper = _open_all(spec["upper"] or ())
        sources = [_open_all(mount.get("lowers", ())) for mount in spec["mounts"]]
        self._stage = next(path for path in _STAGES if os.path.isdir(path))
        k.mount("tmpfs", self._stage, "tmpfs", data="mode=700")
        for name in ("root", "probe", "stubs", "layers", "files", "empty", "none"):
            os.mkdir(f"{self._stage}/{name}", 0o755)
        self._empty = _open_all([f"{self._stage}/empty", f"{self._stage}/none"])
        self._number = 0
        self._root = -1
        self._sources = [self._prepare(mount, opened) for mount, opened in zip(spec["mounts"], sources, strict=True)]

    def mount_root(self) -> None:
        targets = {"/proc": True, "/sys": True, "/dev": True}
        targets.update((m["target"], _is_directory(fd)) for m, fd in self._wanted())
        if self._spec["readonly"]:
            targets.setdefault(self._spec["cwd"], True)  # it cannot be made later
        self._stub(targets)
        lowers = [*(self._lowers or self._empty[:1]), *_open_all([f"{self._stage}/stubs"])]
        root = f"{self._stage}/root"
        if self._upper:
            _copy_root(f"{self._stage}/stubs", self._upper[0])
            self._overlay(lowers, root, self._upper)
        elif self._spec["readonly"]:
            self._overlay(lowers, root, [])
        else:
            self._overlay(lowers, root, self._scratch())
        self._root = os.open(root, os.O_PATH | os.O_CLOEXEC)

    def mount_kernel(self) -> None:
        root = _descriptor(self._root)
        self._at("/proc", "proc", "proc", _LOCKED)
        self._mount_sys()
        self._at("/dev", "tmpfs", "tmpfs", k.MS_NOSUID | k.MS_STRICTATIME, "mode=755,size=65536k")
        self._devices(f"{root}/dev")
        for name in ("pts", "shm", "mqueue"):
            os.mkdir(f"{root}/dev/{name}", 0o755)
        group = "" if self._spec["single_id"] else ",gid=5"
        self._at(
            "/dev/pts", "devpts", "devpts", k.MS_NOSUID | k.MS_NOEXEC, f"newinstance,ptmxmode=0666,mode=0620{group}"
        )
        self._at("/dev/shm", "shm", "tmpfs", _LOCKED, f"mode=1777,size={self._spec['shm_size']}")  # noqa: S108
        self._at("/dev/mqueue", "mqueue", "mqueue", _LOCKED)
        for path in _READONLY:
            self._lock(path)
        for path in _MASKED:
            self._mask(path)

    def mount_wanted(self) -> None:
        """What the caller asked for; below another mount a mount point is made in that one."""
        for mount, source in self._wanted():
            target = mount["target"]
            point = self._point(target, directory=_is_directory(source))
            if mount["type"] == "tmpfs":
                size = f",size={mount['size']}" if mount["size"] else ""
                flags = k.MS_NOSUID | (0 if mount["exec"] else k.MS_NODEV | k.MS_NOEXEC)
                k.mount("tmpfs", _descriptor(point), "tmpfs", flags, f"mode={mount['mode']:o}{size}")
            else:
                k.mount(_descriptor(source), _descriptor(point), flags=k.MS_BIND | k.MS_REC)
                if mount["readonly"]:
                    self._set_readonly(target)
            os.close(point)

    def enter(self) -> None:
        os.fchdir(self._root)
        try:
            k.pivot_root(".", ".")
            k.unmount(".")
        except OSError:  # the root of an initial ramdisk cannot be pivoted away
            k.mount(".", "/", flags=k.MS_MOVE)
            os.chroot(".")
        os.chdir("/")

    def _wanted(self) -> list[tuple[Mapping[str, Any], int]]:
        return list(zip(self._spec["mounts"], self._sources, strict=True))

    def _overlay(self, lowers: Iterable[int], target: str, upper: list[int]) -> None:
        """``lowers`` bottom first. Names are descriptors, seen from their own directory: 400 layers fit one page."""
        data = f"lowerdir={':'.join(str(fd) for fd in reversed(list(lowers)))}"
        if upper:
            data += f",upperdir={upper[0]},workdir={upper[1]}"
        data += ",userxattr,index=off" if self._nested else f",{_OVERLAY_OPTIONS}"
        os.chdir("/proc/self/fd")
        try:  # the kernel itself syncs whatever is copied up, and all of it at the end
            k.mount("overlay", target, "overlay", 0, data if self._spec["durable"] or not upper else f"{data},volatile")
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            k.mount("overlay", target, "overlay", 0, data)  # before Linux 5.10
        os.chdir("/")

    def _scratch(self) -> list[int]:
        """A new upper and work directory in memory."""
        self._number += 1
        paths = [f"{self._stage}/layers/{kind}{self._number}" for kind in ("upper", "work")]
        for path in paths:
            os.mkdir(path, 0o755)
        return _open_all(paths)

    def _stub(self, targets: Mapping[str, bool]) -> None:
        """Make the missing ones of ``targets`` (path → is it a directory) below stubs."""
        probe = f"{self._stage}/probe"
        changed = [fd for fd in self._upper[:1] if os.listdir(_descriptor(fd))]
        self._overlay([*self._empty, *self._lowers, *changed], probe, [])
        stubs = Stubs(probe, f"{self._stage}/stubs")
        for target, directory in targets.items():
            stubs.add(target, directory=directory)
        stubs.finish()
        k.unmount(probe)

    def _prepare(self, mount: Mapping[str, Any], opened: list[int]) -> int:
        """A descriptor of what is to be mounted; -1 for a tmpfs."""
        if mount["type"] == "tmpfs":
            return -1
        if mount["type"] == "bind":
            return opened[0]
        self._number += 1
        path = f"{self._stage}/files/{self._number}"
        if mount["type"] == "file":
            with open(path, "wb") as file:
                file.write(a2b_base64(mount["data"]))
            own(path, mount["uid"], mount["gid"], lenient=self._spec["single_id"])
            os.chmod(path, mount["mode"])
            return _open_all([path])[0]
        os.mkdir(path)
        self._overlay([*self._empty, *opened], path, [] if mount["readonly"] else self._scratch())
        return k.open_inside(_open_all([path])[0], mount["subtree"] or ".", os.O_PATH)

    def _at(self, target: str, source: str, kind: str, flags: int, data: str = "") -> None:
        point = k.open_inside(self._root, target, os.O_PATH | os.O_DIRECTORY)
        try:
            k.mount(source, _descriptor(point), kind, flags, data)
        except OSError as error:
            raise OSError(error.errno, f"cannot mount {kind} on `{target}`: {os.strerror(error.errno or 0)}") from error
        finally:
            os.close(point)

    def _mount_sys(self) -> None:
        try:
            self._at("/sys", "sysfs", "sysfs", _LOCKED | k.MS_RDONLY)
        except PermissionError:  # the network namespace belongs to another user namespace
            point = self._point("/sys", directory=True)
            k.mount("/sys", _descriptor(point), flags=k.MS_BIND | k.MS_REC)
            self._set_readonly("/sys")
            self._mask("/sys/fs/cgroup")

    def _devices(self, dev: str) -> None:
        for name, number in _DEVICES.items():
            path = f"{dev}/{name}"
            if not self._nested:
                os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(*number))
                os.chmod(path, 0o666)  # noqa: S103 - as on every machine
                continue
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
            k.mount(f"/dev/{name}", path, flags=k.MS_BIND)
        for name, link in _LINKS.items():
            if name != "core" or os.path.exists(link):
                os.symlink(link, f"{dev}/{name}")

    def _mask(self, target: str) -> None:
        if not self._exists(target):
            return
        point = k.open_inside(self._root, target, os.O_PATH)
        where = _descriptor(point)
        if stat.S_ISDIR(os.stat(point).st_mode):
            k.mount("tmpfs", where, "tmpfs", k.MS_RDONLY)
        else:
            k.mount(f"/proc/self/fd/{self._root}/dev/null", where, flags=k.MS_BIND)
        os.close(point)

    def _lock(self, target: str) -> None:
        if not self._exists(target):
            return
        point = k.open_inside(self._root, target, os.O_PATH)
        k.mount(_descriptor(point), _descriptor(point), flags=k.MS_BIND | k.MS_REC)
        os.close(point)
        self._set_readonly(target)

    def _set_readonly(self, target: str) -> None:
        point = k.open_inside(self._root, target, os.O_PATH)
        k.set_readonly(point)
        os.close(point)

    def _exists(self, target: str) -> bool:
        try:
            os.close(k.open_inside(self._root, target, os.O_PATH))
        except OSError:
            return False
        return True

    def _point(self, target: str, *, directory: bool) -> int:
        """The mount point ``target``; what lacks below an earlier mount is made there."""
        try:
            return k.open_inside(self._root, target, os.O_PATH)
        except FileNotFoundError:
            parent, name = os.path.split(target.rstrip("/"))
            above = self._point(parent, directory=True)
            if directory:
                os.mkdir(name, 0o755, dir_fd=above)
            else:
                os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=above))
            os.close(above)
            return k.open_inside(self._root, target, os.O_PATH)


def _is_directory(source: int) -> bool:
    """Whether what a descriptor stands for is a directory; a tmpfs, which has none, is."""
    return source < 0 or stat.S_ISDIR(os.stat(source).st_mode)


def _copy_root(source: str, upper: int) -> None:
    """An overlay shows its upper directory's attributes as the root's: give an empty one those of the image."""
    where = _descriptor(upper)
    if os.listdir(where):
        return
    status = os.stat(source)
    own(where, status.st_uid, status.st_gid, lenient=True)
    os.chmod(where, stat.S_IMODE(status.st_mode))
    os.utime(where, ns=(status.st_atime_ns, status.st_mtime_ns))


def _descriptor(number: int) -> str:
    return f"/proc/self/fd/{number}"


def _open_all(paths: Iterable[str]) -> list[int]:
    return [os.open(path, os.O_PATH | os.O_CLOEXEC) for path in paths]
