"""How an image of packages is divided into layers that images share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lissom.distroless.archive.control import Package
from lissom.distroless.evidence.division import Part, Unit, divided, family
from lissom.distroless.spec.slices import addition, has_additions
from lissom.distroless.spec.spec import Spec
from lissom.distroless.tree.assembled import Assembled
from lissom.distroless.tree.record import RECORDS
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Changeset

__all__ = ["LAYERS", "Group", "budget", "grouped"]

LAYERS = 10
_ALL = "all packages"
_COMPUTED = "accounts and settings"


@dataclass(frozen=True)
class Group:
    """One layer: what it is called in the history, whose files it has, and why they are together.

    ``additions`` are what slices add to packages of other layers, as ``libc6 (encodings)``.
    """

    name: str
    packages: tuple[str, ...]
    changeset: Changeset
    reason: str = ""
    additions: tuple[str, ...] = ()


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
    units = _units(assembled, {package.name: package.source for package in packages})
    if layers == 1 or not units:
        names = tuple(package.name for package in packages)
        return (Group(_ALL, names, assembled.changeset),)
    parts = divided(_sizes(assembled, units), layers - 1)
    numbers = {unit: number for number, part in enumerate(parts) for unit in part.units}
    files: list[list[Entry]] = [[] for _ in (*parts, None)]
    for path, number in _places(assembled, units, numbers, len(parts)).items():
        files[number].append(assembled.entries[path])
    lower = [_with_parents(entries, {}) for entries in files[:-1]]
    top = _with_parents([*files[-1], *_directories(assembled, lower)], assembled.entries)
    groups = [_group(part, changeset) for part, changeset in zip(parts, lower, strict=True)]
    return (*groups, Group(_COMPUTED, (), top, "made for this image")) if top else tuple(groups)


def _group(part: Part, changeset: Changeset) -> Group:
    packages = tuple(unit.package for unit in part.units if not unit.addition)
    return Group(part.name, packages, changeset, part.reason, tuple(str(unit) for unit in part.units if unit.addition))


def _units(assembled: Assembled, sources: Mapping[str, str]) -> dict[str, Unit]:
    """The unit of each path that is no directory, where a package has it.

    Of packages that many images have, what slices add is a unit of its own; so they share the rest. The list of sums
    is of what is there, hence of no unit.
    """
    found = {}
    for path, entry in assembled.entries.items():
        origin = assembled.origins.get(path)
        if entry.is_directory or origin is None or origin.package not in sources:
            continue
        added = ""
        if family(origin.package) and has_additions(origin.package):
            if path == f"{RECORDS}/{origin.package}.md5sums":
                continue
            added = addition(origin.package, path)
        found[path] = Unit(origin.package, sources[origin.package], added)
    return found


def _sizes(assembled: Assembled, units: Mapping[str, Unit]) -> dict[Unit, int]:
    """Bytes by unit, each file once."""
    sizes: dict[Unit, int] = {}
    seen: set[str] = set()
    for path, unit in units.items():
        entry = assembled.entries[path]
        again = bool(entry.inode) and entry.inode in seen
        seen.add(entry.inode)
        sizes[unit] = sizes.get(unit, 0) + (0 if again else entry.size)
    return sizes


def _places(assembled: Assembled, units: Mapping[str, Unit], numbers: Mapping[Unit, int], top: int) -> dict[str, int]:
    """The layer of each path that is no directory: its unit's; all names of one file are in the lowest of theirs."""
    places = {
        path: numbers[units[path]] if path in units else top
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
