"""Java homes of a tree, and what the modules of one hold, as its jmod files say."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from lissom.analysis.zips import DAMAGED
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Tree
from lissom.slim.java_class import required_modules

__all__ = ["Module", "java_homes", "read_modules"]

_LARGEST_JMOD = 512 << 20
_LARGEST_INFO = 1 << 20
_ENTRIES = 100_000


@dataclass(frozen=True)
class Module:
    """A module of a JDK. Paths of ``libraries``, ``commands`` and the like are relative to ``lib`` and ``bin``."""

    name: str
    requires: frozenset[str] = frozenset()
    packages: Mapping[str, str] = field(default_factory=dict)
    """Package with dots → name of its smallest file: what has to stay of a package that is otherwise dropped."""

    libraries: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()


def java_homes(tree: Tree) -> tuple[str, ...]:
    """Directories that hold a JDK or a runtime of modules: ``bin/java`` as a file, and ``lib/modules``."""
    homes = []
    for path in tree:
        if not path.endswith("bin/java") or tree[path].kind is not Kind.FILE:
            continue
        home = path.removesuffix("bin/java").rstrip("/")
        modules = tree.get(f"{home}/lib/modules".lstrip("/"))
        if home and path == f"{home}/bin/java" and modules is not None and modules.kind is Kind.FILE:
            homes.append(home)
    return tuple(homes)


def read_modules(tree: Tree, home: str) -> dict[str, Module]:
    """The modules whose jmod files are in ``home``; none when there are none, those that cannot be read left out."""
    modules = {}
    for path in tree.children(f"{home}/jmods"):
        entry = tree[path]
        if path.endswith(".jmod") and entry.kind is Kind.FILE and entry.size <= _LARGEST_JMOD:
            module = _read_jmod(path.rpartition("/")[2].removesuffix(".jmod"), entry)
            if module is not None:
                modules[module.name] = module
    return modules


def _read_jmod(name: str, entry: Entry) -> Module | None:
    if entry.content is None:
        return None
    try:
        with entry.content.open() as stream, zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
            if len(infos) > _ENTRIES:
                return None
            with archive.open("classes/module-info.class") as file:
                requires = frozenset(required_modules(file.read(_LARGEST_INFO)))
    except (*DAMAGED, KeyError):
        return None
    names = [info.filename for info in infos]
    return Module(
        name,
        requires,
        _packages(infos),
        frozenset(path.removeprefix("lib/") for path in names if path.startswith("lib/")),
        frozenset(path.removeprefix("bin/") for path in names if path.startswith("bin/")),
    )


def _packages(infos: list[zipfile.ZipInfo]) -> dict[str, str]:
    smallest: dict[str, tuple[int, str]] = {}
    for info in infos:
        place, _, name = info.filename.removeprefix("classes/").rpartition("/")
        if place and name and info.filename.startswith("classes/"):
            found = (info.file_size, name)
            smallest[place] = min(smallest.get(place, found), found)
    return {place.replace("/", "."): name for place, (_, name) in smallest.items()}
