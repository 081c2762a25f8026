"""Which package each path of a configured tree is of: what dpkg's own lists say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lissom.analysis.packages import Packages, read_packages
from lissom.distroless.tree.assembled import RECORD, Origin
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Tree

__all__ = ["MADE", "configured_origins"]

MADE = Origin(reason="made by a maintainer script")
_DATABASE = "var/lib/dpkg/"
_ALTERNATIVES = "etc/alternatives/"


def configured_origins(tree: Tree, known: Mapping[str, Origin]) -> Mapping[str, Origin]:
    """The origin of every path of ``tree`` but of directories that no package lists.

    What neither a package brings nor a script made is in ``known``. Of what no package lists, a link to an alternative
    and a compiled module have the package that they are made of.
    """
    packages = read_packages(tree)
    found: dict[str, Origin] = {}
    for package in packages.system:
        for path in package.files | package.directories:
            found.setdefault(path, Origin(package.name))
        for path in package.records:
            found[path] = Origin(package.name, RECORD)
    for path, entry in tree.items():
        if path and path not in found and not entry.is_directory:
            found[path] = known.get(path) or _made(path, tree, packages)
    return {path: origin for path, origin in found.items() if path and path in tree}


def _made(path: str, tree: Tree, packages: Packages) -> Origin:
    if path.startswith(_DATABASE):
        return Origin(reason="dpkg's own record")
    entry = tree[path]
    if entry.kind is Kind.SYMLINK and (path.startswith(_ALTERNATIVES) or _ALTERNATIVES in entry.link):
        owner = packages.owner(packages.root.follow(path))
        return Origin(owner.name if owner else "", "an alternative, chosen by a maintainer script")
    owner = packages.owner(path)
    return replace(MADE, package=owner.name) if owner else MADE
