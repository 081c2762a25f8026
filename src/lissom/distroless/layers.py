"""How an image of packages is divided into layers that images share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lissom.distroless.assembled import Assembled
from lissom.distroless.control import Package
from lissom.distroless.division import divided
from lissom.distroless.spec import Spec
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Changeset

__all__ = ["LAYERS", "Group", "budget", "grouped"]

LAYERS = 10
_ALL = "all packages"
_COMPUTED = "accounts and settings"


@dataclass(frozen=True)
class Group:
    """One layer: what it is called in the history, whose files it has, and why they are together."""

    name: str
    packages: tuple[str, ...]
    changeset: Changeset
    reason: str = ""


def budget(spec: Spec) -> int:
    """How many layers an image of ``spec`` may have: as many as it says, one when scripts ran, else ``LAYERS``."""
    return spec.layers or (1 if spec.configure else LAYERS)


def grouped(assembled: Assembled, packages: Sequence[Package], *, layers: int) -> tuple[Group, ...]:
    """The layers of an image, bottom first, at most ``layers`` of them.

    A layer holds what its packages brought and the directories that lead there, and nothing in it depends on other
    packages: these directories are root's, open to all, and as old as the newest file of the layer. What was computed,
    and directories that are otherwise, are in a layer on top. So the tree is that of ``assembled``, but for the times
    of directories. One layer is ``assembled`` as it is.
    """
    owners = _owners(assembled)
    known = {package.name for package in packages} & set(owners.values())
    if layers == 1 or not known:
        names = tuple(package.name for package in packages)
        return (Group(_ALL, names, assembled.changeset),)
    parts = divided([package for package in packages if package.name in known], _sizes(assembled, owners), layers - 1)
    numbers = {name: number for number, part in enumerate(parts) for name in part.packages}
    files: list[list[Entry]] = [[] for _ in (*parts, None)]
    for path, number in _places(assembled, owners, numbers, len(parts)).items():
        files[number].append(assembled.entries[path])
    lower = [_with_parents(entries, {}) for entries in files[:-1]]
    top = _with_parents([*files[-1], *_directories(assembled, lower)], assembled.entries)
    groups = [
        Group(part.name, part.packages, changeset, part.reason) for part, changeset in zip(parts, lower, strict=True)
    ]
    return (*groups, Group(_COMPUTED, (), top, "made for this image")) if top else tuple(groups)


def _owners(assembled: Assembled) -> dict[str, str]:
    """The package of each path that is no directory, where it has one."""
    named = {path: origin.package for path, origin in assembled.origins.items() if origin.package}
    return {path: name for path, name in named.items() if not assembled.entries[path].is_directory}


def _sizes(assembled: Assembled, owners: Mapping[str, str]) -> dict[str, int]:
    """Bytes by package, each file once."""
    sizes: dict[str, int] = {}
    seen: set[str] = set()
    for path, name in owners.items():
        entry = assembled.entries[path]
        if not entry.inode or entry.inode not in seen:
            sizes[name] = sizes.get(name, 0) + entry.size
            seen.add(entry.inode)
    return sizes


def _places(assembled: Assembled, owners: Mapping[str, str], numbers: Mapping[str, int], top: int) -> dict[str, int]:
    """The layer of each path that is no directory: its package's; all names of one file are in the lowest of theirs."""
    places = {
        path: numbers.get(owners.get(path, ""), top)
        for path, entry in assembled.entries.items()
        if not entry.is_directory
    }
    lowest: dict[str, int] = {}
    for path, place in places.items():
        if inode := assembled.entries[path].inode:
            lowest[inode] = min(place, lowest.get(inode, top))
    return {path: lowest.get(assembled.entries[path].inode, place) for path, place in places.items()}


def _directories(assembled: Assembled, lower: Sequence[Changeset]) -> list[Entry]:
    """Directories that the layers below lack, or have with other rights."""
    there = {path for changeset in lower for path in changeset.entries}
    return [
        entry
        for path, entry in assembled.entries.items()
        if path and entry.is_directory and (path not in there or not _is_plain(entry))
    ]


def _is_plain(entry: Entry) -> bool:
    return (entry.mode, entry.uid, entry.gid, dict(entry.xattrs)) == (0o755, 0, 0, {})


def _with_parents(entries: Iterable[Entry], directories: Mapping[str, Entry]) -> Changeset:
    """``entries`` and the directories that lead to them, those as ``directories`` has them, but for their times."""
    found = {entry.path: entry for entry in entries}
    newest = max((entry.mtime for entry in found.values() if not entry.is_directory), default=0)
    for path in list(found):
        above = path
        while above := parent_of(above):
            if above not in found:
                found[above] = directories.get(above) or Entry(above, Kind.DIRECTORY, 0o755)
    return Changeset.of(_aged(entry, newest) for entry in found.values())


def _aged(entry: Entry, mtime: int) -> Entry:
    return replace(entry, mtime=mtime) if entry.is_directory else entry
