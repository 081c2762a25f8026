"""Two images held against each other: files, execution parameters, packages, surface, layers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lissom.analysis.difference import Change, tree_changes, weights
from lissom.analysis.packages import Packages, read_packages
from lissom.analysis.surface import Surface, surface
from lissom.image.image import Image
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Tree

__all__ = ["Difference", "Pair", "Side", "compare", "compare_documents"]

_MAPS = ("Labels", "ExposedPorts", "Volumes")


@dataclass(frozen=True)
class Side:
    """One of the two images. ``size`` is of its files, ``compressed`` of its layers, both in bytes."""

    name: str
    digest: str
    size: int
    compressed: int
    files: int
    layers: int
    surface: Surface


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing before and after; None where it is not there."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Difference:
    """Two images held against each other. ``shared`` are layers, and their compressed bytes, that both have."""

    before: Side
    after: Side
    shared: int
    shared_size: int
    config: tuple[Pair, ...]
    packages: tuple[Pair, ...]
    files: tuple[Change, ...]
    sizes: tuple[Mapping[str, int], Mapping[str, int]] = ({}, {})
    """Bytes of everything that is no directory, before and after; of a file's names the first has them."""

    owners: Mapping[str, str] = field(default_factory=dict)
    """What files came with, as "kind name"."""

    @property
    def equal(self) -> bool:
        """Whether the two have the same files and execution parameters; how they are cut into layers does not count."""
        return not (self.config or self.files)


def compare(
    names: tuple[str, str], images: tuple[Image, Image], trees: tuple[Tree, Tree], *, times: bool
) -> Difference:
    """Compare two images whose files can be read in ``trees``.

    Files are compared with all their attributes, times only when asked. What a config says of creation and history is
    not compared.
    """
    packages = (read_packages(trees[0]), read_packages(trees[1]))
    diff_ids = {layer.diff_id for layer in images[0].layers}
    shared = [layer.descriptor.size for layer in images[1].layers if layer.diff_id in diff_ids]
    return Difference(
        _side(names[0], images[0], trees[0], packages[0]),
        _side(names[1], images[1], trees[1], packages[1]),
        len(shared),
        sum(shared),
        _pairs(_settings(images[0]), _settings(images[1])),
        _pairs(_versions(packages[0]), _versions(packages[1])),
        tree_changes(*trees, times=times),
        (_sizes(trees[0]), _sizes(trees[1])),
        {**_owners(packages[0], trees[0]), **_owners(packages[1], trees[1])},
    )


def compare_documents(images: tuple[Image, Image]) -> bool | None:
    """Whether two images are the same as far as their documents tell: None where layers have to be looked at."""
    if _settings(images[0]) != _settings(images[1]):
        return False
    return True if images[0].config.diff_ids == images[1].config.diff_ids else None


def _sizes(tree: Tree) -> dict[str, int]:
    sizes = weights(tree)
    return {path: sizes.get(path, 0) for path in tree if not tree[path].is_directory}


def _owners(packages: Packages, tree: Tree) -> dict[str, str]:
    found = ((path, packages.owner(path) or packages.language_owner(path)) for path in tree)
    return {path: f"{package.kind} {package.name}" for path, package in found if package is not None}


def _side(name: str, image: Image, tree: Tree, packages: Packages) -> Side:
    files = [entry for entry in tree.values() if not entry.is_directory]
    sizes = {entry.inode or entry.path: entry.size for entry in files if entry.kind is Kind.FILE}
    return Side(
        name,
        image.digest,
        sum(sizes.values()),
        sum(layer.descriptor.size for layer in image.layers),
        len(files),
        len(image.layers),
        surface(tree, image.config.config, packages),
    )


def _pairs(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Pair, ...]:
    names = sorted({*before, *after})
    pairs = (Pair(name, before.get(name), after.get(name)) for name in names)
    return tuple(pair for pair in pairs if pair.before != pair.after)


def _versions(packages: Packages) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for package in packages.all:
        found.setdefault(f"{package.kind} {package.name}", set()).add(package.version)
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def _settings(image: Image) -> dict[str, str]:
    """The execution parameters, one for each variable, label, port and volume; what is empty is not there."""
    return {"platform": str(image.platform), **dict(_flat(image.config.config))}


def _flat(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in config.items():
        if not value:
            continue
        if key == "Env":
            yield from ((f"Env {name}", text) for name, _, text in (str(pair).partition("=") for pair in value))
        elif key in _MAPS and isinstance(value, dict):
            yield from ((f"{key} {name}", text if isinstance(text, str) else "") for name, text in value.items())
        else:
            yield key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
