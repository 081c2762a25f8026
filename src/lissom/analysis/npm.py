"""npm packages: every directory directly below a node_modules, or below Debian's folder of the kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lissom.analysis.package import Package
from lissom.analysis.root import Root
from lissom.rootfs.entry import parent_of

__all__ = ["read_npm", "seen_from"]

_LARGEST = 4 << 20
_MODULES = "node_modules"
_DEBIAN = ("usr/share/nodejs", "usr/lib/nodejs")
_DEPENDENCIES = ("dependencies", "optionalDependencies", "peerDependencies")


def read_npm(root: Root) -> tuple[Package, ...]:
    """Every npm package that has a package.json; a nested one is not part of the one it is in."""
    files: dict[str, set[str]] = {}
    for path, entry in root.tree.items():
        if not entry.is_directory and (directory := _package_of(path)):
            files.setdefault(directory, set()).add(path)
    found = (_package(root, directory, paths) for directory, paths in files.items())
    return tuple(package for package in found if package is not None)


def seen_from(directory: str, name: str) -> Iterator[str]:
    """Where Node looks for the package ``name`` when a file in ``directory`` requires it, first place first."""
    while True:
        if directory.rpartition("/")[2] != _MODULES:
            yield f"{directory}/{_MODULES}/{name}" if directory else f"{_MODULES}/{name}"
        if not directory:
            break
        directory = parent_of(directory)
    for debian in _DEBIAN:
        yield f"{debian}/{name}"


def _package_of(path: str) -> str:
    """The directory of the innermost package that ``path`` is in, empty when there is none."""
    start = path.rfind(f"/{_MODULES}/") + 1
    if start or path.startswith(f"{_MODULES}/"):
        start += len(_MODULES) + 1
    elif path.startswith(_DEBIAN):
        start = next((len(each) + 1 for each in _DEBIAN if path.startswith(f"{each}/")), 0)
    if not start:
        return ""
    end = path.find("/", start)
    if end > 0 and path[start] == "@":
        end = path.find("/", end + 1)
    return path[:end] if end > 0 else ""


def _package(root: Root, directory: str, paths: set[str]) -> Package | None:
    record = f"{directory}/package.json"
    if record not in paths:
        return None
    try:
        said = json.loads(root.text(record, _LARGEST))
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, Mapping):
        return None
    name = said.get("name")
    version = said.get("version")
    return Package(
        "npm",
        name if isinstance(name, str) and name else _name_of(directory),
        version if isinstance(version, str) else "",
        files=frozenset(paths - {record}),
        requires=tuple(dict.fromkeys(each for key in _DEPENDENCIES for each in _names(said.get(key)))),
        root=directory,
        records=frozenset((record,)),
    )


def _name_of(directory: str) -> str:
    scope, _, name = directory.rpartition("/")
    scope = scope.rpartition("/")[2]
    return f"{scope}/{name}" if scope.startswith("@") else name


def _names(dependencies: Any) -> list[str]:
    return [str(name) for name in dependencies] if isinstance(dependencies, Mapping) else []
