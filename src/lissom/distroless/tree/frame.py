"""What every image has whatever its packages are, and what no package may bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lissom.distroless.tree.draft import file, link
from lissom.rootfs.entry import Entry, Kind

__all__ = ["frame", "framed"]

_EMPTY = ("dev", "etc", "home", "proc", "run", "run/lock", "sys", "usr", "var")
_LINKS = {"var/lock": "run/lock", "var/run": "run", "var/tmp": "tmp"}
_NSSWITCH = "passwd: files\ngroup: files\nhosts: files dns\n"
_OPEN = 0o7022
"""Bits that let somebody act as, or write what belongs to, somebody else."""


def frame() -> list[Entry]:
    """Directories that the runtime mounts on, ``/tmp``, and names that programs know it by.

    ``/tmp`` is the only place where everybody can write: ``/var/tmp`` leads there, and ``/run`` is root's.
    """
    return [
        *(Entry(name, Kind.DIRECTORY, 0o755) for name in _EMPTY),
        Entry("tmp", Kind.DIRECTORY, 0o1777),
        *(link(name, f"../{target}") for name, target in _LINKS.items()),
        file("etc/nsswitch.conf", _NSSWITCH),
    ]


def framed(entries: Iterable[Entry]) -> Iterator[Entry]:
    """``entries`` of a package where the frame's links lead, without setuid, setgid and capabilities, and for nobody
    but the owner to write. Devices are none of a package's business.

    A link has no mode of its own.
    """
    for entry in entries:
        if entry.kind in (Kind.CHARACTER, Kind.BLOCK):
            continue
        mode = entry.mode if entry.kind is Kind.SYMLINK else entry.mode & ~_OPEN
        yield replace(entry, path=_moved(entry.path), mode=mode, xattrs={})


def _moved(path: str) -> str:
    for name, target in _LINKS.items():
        if path.startswith(f"{name}/"):
            return target + path.removeprefix(name)
    return path
