"""Mount points that an image lacks. Runs at a process's start: imports are rationed (os)."""

from __future__ import annotations

import contextlib
import os
import stat

__all__ = ["Stubs", "own"]

_LINK_LIMIT = 40


class Stubs:
    """Mount points made below ``stubs`` for paths that ``probe``, a view of the image, lacks."""

    def __init__(self, probe: str, stubs: str) -> None:
        self._probe = probe
        self._stubs = stubs
        self._copied: list[str] = []
        self._copy("")

    def add(self, target: str, *, directory: bool) -> None:
        missing = False
        path = self._resolve(target)
        for part in _prefixes(path):
            where = f"{self._stubs}/{part}"
            last = part == path
            missing = missing or not os.path.lexists(f"{self._probe}/{part}")
            if os.path.lexists(where):
                continue
            if missing:
                _make(where, directory=not last or directory)
            elif not last:
                self._copy(part)

    def finish(self) -> None:
        """Give the copied directories their times: making something in them has changed them."""
        for path in reversed(self._copied):
            status = os.stat(f"{self._probe}/{path}")
            os.utime(f"{self._stubs}/{path}", ns=(status.st_atime_ns, status.st_mtime_ns))

    def _copy(self, path: str) -> None:
        source, copy = f"{self._probe}/{path}", f"{self._stubs}/{path}"
        status = os.lstat(source)
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(20, f"cannot make a mount point below `/{path}`: it is not a directory")
        if path:
            os.mkdir(copy)
        own(copy, status.st_uid, status.st_gid, lenient=True)
        os.chmod(copy, stat.S_IMODE(status.st_mode))
        for name in os.listxattr(source):
            try:
                os.setxattr(copy, name, os.getxattr(source, name))
            except OSError:
                continue  # memory does not hold this kind: it belongs to the lower directory alone
        self._copied.append(path)

    def _resolve(self, target: str) -> str:
        """The path that ``target`` means in the image, with links followed and without a leading slash."""
        parts = [part for part in reversed(target.split("/")) if part not in ("", ".")]
        done: list[str] = []
        links = 0
        while parts:
            part = parts.pop()
            if part == "..":
                del done[-1:]
                continue
            path = "/".join([self._probe, *done, part])
            if not os.path.islink(path):
                done.append(part)
                continue
            links += 1
            if links > _LINK_LIMIT:
                raise OSError(40, f"cannot mount on `{target}`: too many levels of symbolic links")
            link = os.readlink(path)
            if link.startswith("/"):
                done.clear()
            parts.extend(part for part in reversed(link.split("/")) if part not in ("", "."))
        return "/".join(done)


def own(path: str, uid: int, gid: int, *, lenient: bool) -> None:
    """Set the owner; ``lenient`` where there is one identity: others are recorded, if the file can hold that."""
    try:
        os.chown(path, uid, gid)
    except OSError:
        if not lenient:
            raise
        with contextlib.suppress(OSError):
            os.setxattr(path, "user.lissom.owner", b"%d:%d" % (uid, gid))


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _make(path: str, *, directory: bool) -> None:
    if directory:
        os.mkdir(path, 0o755)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL | os.O_CLOEXEC, 0o644))
