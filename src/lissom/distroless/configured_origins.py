"""Which package each path of a configured tree is of: what dpkg's own lists say."""

from __future__ import annotations

from collections.abc import Mapping

from lissom.analysis.packages import read_packages
from lissom.distroless.assembled import Origin
from lissom.rootfs.tree import Tree

__all__ = ["configured_origins"]

_RECORD = "the package's record"
_DATABASE = "var/lib/dpkg/"


def configured_origins(tree: Tree) -> Mapping[str, Origin]:
    """The origin of every path of ``tree`` but of directories that no package lists."""
    packages = read_packages(tree)
    found: dict[str, Origin] = {}
    for package in packages.system:
        for path in package.files | package.directories:
            found.setdefault(path, Origin(package.name))
        for path in package.records:
            found[path] = Origin(package.name, _RECORD)
    for path, entry in tree.items():
        if path and path not in found and not entry.is_directory:
            owner = packages.owner(path)
            found[path] = Origin(owner.name if owner else "", _reason(path))
    return {path: origin for path, origin in found.items() if path and path in tree}


def _reason(path: str) -> str:
    return "dpkg's own record" if path.startswith(_DATABASE) else "made by a maintainer script"
