"""The packages of an image: which they are, where they are on this machine, how old the archive was."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lissom.distroless.apt import Archive
from lissom.distroless.control import Package
from lissom.distroless.fetch import Fetcher
from lissom.distroless.index import PackageIndex
from lissom.distroless.resolve import resolve
from lissom.distroless.sources import Source, read_sources, select
from lissom.distroless.spec import Spec, Wish
from lissom.events import Listener

__all__ = ["Supply", "supply"]


@dataclass(frozen=True)
class Supply:
    """Packages by name and their files. ``automatic`` are those that apt would call so: needed, but not by an
    essential one. ``date`` is the archive's, seconds since 1970; ``sources`` are those that were used.
    """

    architecture: str
    packages: tuple[Package, ...]
    automatic: tuple[Package, ...]
    debs: Mapping[str, Path]
    date: int
    sources: tuple[Source, ...]


def supply(spec: Spec, architecture: str, *, apt: Path, fetcher: Fetcher, cache: Path, listener: Listener) -> Supply:
    """Choose the packages of ``spec`` and bring them here. Raises UsageError, RegistryError, IntegrityError."""
    sources = select(read_sources(apt), spec.suite, spec.components, architecture)
    archive = Archive(sources, fetcher, cache, now=int(time.time()), listener=listener)
    packages, automatic = _chosen(spec, archive.index(spec.components, architecture))
    debs = archive.download(packages)
    used = tuple(release.source for release in archive.releases)
    return Supply(architecture, tuple(packages), tuple(automatic), debs, archive.date, used)


def _chosen(spec: Spec, index: PackageIndex) -> tuple[list[Package], list[Package]]:
    wishes = list(spec.packages)
    if spec.bootstrap != "none":
        wishes += [Wish(one.name) for one in index.required() if one.essential or spec.bootstrap == "minbase"]
    if spec.bootstrap == "minbase":
        wishes.append(Wish("apt"))
    wanted = [wish.name for wish in wishes]
    alone = [wish.name for wish in wishes if not wish.dependencies]
    chosen = resolve(index, [name for name in wanted if name not in alone], without=(*spec.without, *alone))
    chosen += [package for package in resolve(index, alone, without=spec.without) if package.name in alone]
    chosen.sort(key=lambda package: package.name)
    essential = [one.name for one in index.required() if one.essential]
    there = {*wanted, *(one.name for one in resolve(index, essential, without=spec.without))}
    return chosen, [package for package in chosen if package.name not in there]
