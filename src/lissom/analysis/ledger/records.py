"""Which files of a layer are read again after it went by: records of packages, Java archives, scripts."""

from __future__ import annotations

__all__ = ["is_record", "is_script_place", "is_systems"]

_NAMES = frozenset(
    (
        "status",
        "diversions",
        "installed",
        "METADATA",
        "RECORD",
        "PKG-INFO",
        "top_level.txt",
        "requires.txt",
        "installed-files.txt",
        "package.json",
    )
)
_SUFFIXES = (".list", ".md5sums", ".gemspec", ".jar", ".war", ".ear", ".egg-info")
_SYSTEM = ("usr/lib/", "usr/share/", "usr/bin/", "usr/sbin/", "usr/include/", "usr/libexec/", "lib/", "bin/", "sbin/")
_NOT_SYSTEM = ("usr/lib/node_modules/", "usr/share/nginx/html/", "usr/share/app")
_LARGEST = 64 << 20
_LARGEST_ARCHIVE = 1 << 30


def is_record(path: str, size: int) -> bool:
    """Whether records of packages may be in the file."""
    name = path.rpartition("/")[2]
    if name in _NAMES:
        return size <= _LARGEST and _is_placed(path, name)
    if "dpkg/status.d/" in path:
        return size <= _LARGEST
    if not name.endswith(_SUFFIXES):
        return False
    if name.endswith((".jar", ".war", ".ear")):
        return size <= _LARGEST_ARCHIVE
    if name.endswith((".list", ".md5sums")):
        return "dpkg/" in path and size <= _LARGEST
    return size <= _LARGEST


def _is_placed(path: str, name: str) -> bool:
    if name in ("status", "diversions"):
        return "dpkg/" in path
    if name == "package.json":
        return "node_modules/" in path or path.startswith(("usr/share/nodejs/", "usr/lib/nodejs/"))
    if name in ("METADATA", "RECORD", "PKG-INFO", "top_level.txt", "requires.txt", "installed-files.txt"):
        return "-info/" in path
    return name != "installed" or "apk/db/" in path


def is_systems(path: str) -> bool:
    """Whether a path is where packages of the system put files, so that what is there is not looked at one by one."""
    return path.startswith(_SYSTEM) and not path.startswith(_NOT_SYSTEM)


def is_script_place(path: str, size: int) -> bool:
    """Whether a script at ``path`` may be the app's own."""
    return size <= 1 << 18 and not is_systems(path)
