"""The packages of an image: which they are, where they are on this machine, how old the archive was."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lissom.distroless.archive.apt import Archive
from lissom.distroless.archive.control import Package
from lissom.distroless.archive.deb import Deb
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.mirrors import expanded
from lissom.distroless.archive.release import Release
from lissom.distroless.archive.signature import armoured
from lissom.distroless.archive.snapshot import of_moment
from lissom.distroless.archive.sources import Source, parse_source, read_sources, select, usable
from lissom.distroless.archive.uri import shown
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.choice import Chosen, choose
from lissom.errors import IntegrityError

__all__ = ["Supply", "sources_of", "supplied", "supply"]


@dataclass(frozen=True)
class Supply:
    """Packages by name and their files. Their fields are those of the files' own records, and of the index Filename,
    Size and Sha256.

    ``automatic`` are those that apt would call so: needed, but not by an essential one; ``needed_by`` says by which.
    ``date`` is the archive's, seconds since 1970; ``sources`` are those that were used, ``releases`` what vouched for
    them (none when a lock did).
    """

    architecture: str
    packages: tuple[Package, ...]
    automatic: tuple[Package, ...]
    debs: Mapping[str, Path]
    date: int
    sources: tuple[Source, ...]
    needed_by: Mapping[str, str] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """Packages with what is known of why they are there."""
        automatic = {package.name for package in self.automatic}
        return tuple(Chosen(one, self.needed_by.get(one.name, ""), one.name in automatic) for one in self.packages)


def supply(spec: Spec, architecture: str, *, apt: Path, fetcher: Fetcher, cache: Path, beside: Path) -> Supply:
    """Choose the packages of ``spec`` and bring them here; its key files are named as from the directory ``beside``.

    Raises UsageError, RegistryError, IntegrityError.
    """
    sources = sources_of(spec, architecture, apt=apt, fetcher=fetcher, beside=beside)
    origin = None if spec.sources else "Debian"
    archive = Archive(sources, fetcher, cache, now=int(time.time()), origin=origin)
    chosen = choose(spec, archive.index(architecture))
    debs = archive.download([one.package for one in chosen])
    releases = tuple(archive.releases)
    used = tuple(release.source.public for release in releases)
    return supplied(architecture, chosen, debs, archive.date, used, releases=releases)


def sources_of(spec: Spec, architecture: str, *, apt: Path, fetcher: Fetcher, beside: Path) -> list[Source]:
    """Where the packages of ``spec`` come from: its own sources, or the machine's. Raises UsageError, RegistryError."""
    if spec.sources:
        named = (parse_source(line) for line in spec.sources)
        found = usable([_with_keys(source, beside) for source in expanded(named, fetcher)], architecture)
    else:
        found = select(expanded(read_sources(apt), fetcher), spec.suite, spec.components, architecture)
    return of_moment(found, spec.snapshot) if spec.snapshot else found


def supplied(
    architecture: str,
    chosen: Sequence[Chosen],
    debs: Mapping[str, Path],
    date: int,
    sources: tuple[Source, ...],
    *,
    releases: tuple[Release, ...] = (),
) -> Supply:
    """The supply of packages that are here. Raises IntegrityError when a file is of another package."""
    there = _recorded(chosen, debs)
    return Supply(
        architecture,
        tuple(one.package for one in there),
        tuple(one.package for one in there if one.automatic),
        debs,
        date,
        sources,
        {one.package.name: one.needed_by for one in there if one.needed_by},
        releases,
    )


def _with_keys(source: Source, beside: Path) -> Source:
    """Key files that are named as from ``beside`` become part of the source: no other place knows them by that name."""
    if all(key.startswith("/") for key in source.signed_by):
        return source
    return replace(source, signed_by=(armoured([str(beside / key) for key in source.signed_by]),))


def _recorded(chosen: Iterable[Chosen], debs: Mapping[str, Path]) -> list[Chosen]:
    """``chosen`` with the fields of the packages' own records. Raises IntegrityError when a file is of another one."""
    found = []
    for one in chosen:
        package = one.package
        fields = Deb.open(debs[package.name]).fields
        for name in ("Package", "Version", "Architecture"):
            if fields.get(name) != package.fields[name]:
                raise IntegrityError(f"cannot use `{package}`: its file is of {name} `{fields.get(name)}`")
        index = {name: package.fields[name] for name in ("Filename", "Size", "Sha256")}
        found.append(replace(one, package=Package({**fields, **index}, shown(package.base))))
    return found
