"""The Debian archive: Release files whose signatures hold, the indexes they vouch for, and packages by their hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lissom.distroless.archive.control import Package
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.index import PackageIndex
from lissom.distroless.archive.packages_file import read_table
from lissom.distroless.archive.release import Release, read_release
from lissom.distroless.archive.signature import require_verifier
from lissom.distroless.archive.sources import Source
from lissom.distroless.archive.table import Table
from lissom.distroless.archive.uri import joined, shown
from lissom.errors import IntegrityError, RegistryError
from lissom.events import BlobMoved, Decision

__all__ = ["Archive", "Fetched", "fetch_all"]

_SIDE_BY_SIDE = 6


class Archive:
    """What a list of sources offers. Indexes and packages are kept below ``cache``; what is there is verified."""

    def __init__(
        self, sources: Sequence[Source], fetcher: Fetcher, cache: Path, *, now: int, origin: str | None = None
    ) -> None:
        """Read the Release files; with ``origin`` only those of it count. Raises RegistryError, IntegrityError."""
        require_verifier()
        self.fetcher = fetcher
        self.cache = cache
        self.now = now
        with ThreadPoolExecutor(max(1, min(_SIDE_BY_SIDE, len(sources)))) as pool:
            found = list(pool.map(lambda source: read_release(source, fetcher, now=now), sources))
        self.releases = [release for release in found if origin is None or self._is_of(origin, release)]
        if not self.releases:
            raise RegistryError(f"cannot use the apt sources of this machine: none of them is of {origin or 'any'}")

    @property
    def date(self) -> int:
        """The time of the newest Release file, seconds since 1970."""
        return max(release.date for release in self.releases)

    def index(self, architecture: str) -> PackageIndex:
        """The packages for ``architecture``. Raises RegistryError, IntegrityError."""
        index = PackageIndex(architecture)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            found = list(pool.map(lambda release: self._tables(release, architecture), self.releases))
        self.releases = [release for release, _ in found]
        for release, tables in found:
            for table in tables:
                index.add(table, release.uri)
        return index

    def download(self, packages: Sequence[Package]) -> dict[str, Path]:
        """The files of ``packages`` by package name, several at once. Raises RegistryError, IntegrityError."""
        mirrors = {release.uri: release.uris for release in self.releases}
        return fetch_all(
            [
                Fetched(package, [joined(uri, package.filename) for uri in mirrors.get(package.base, [package.base])])
                for package in packages
            ],
            self.fetcher,
            self.cache,
        )

    def _tables(self, release: Release, architecture: str) -> tuple[Release, list[Table]]:
        try:
            return release, self._tables_of(release, architecture)
        except (RegistryError, IntegrityError):
            # A mirror in the middle of an update: its new Release file may be there by now.
            newer = read_release(release.source, self.fetcher, now=self.now)
            if newer.sha256 == release.sha256:
                raise
            return newer, self._tables_of(newer, architecture)

    def _tables_of(self, release: Release, architecture: str) -> list[Table]:
        names = list(_names(release, architecture))
        return [read_table(release, name, self.fetcher, self.cache / "indexes") for name in names]

    def _is_of(self, origin: str, release: Release) -> bool:
        if release.fields.get("Origin") == origin:
            return True
        place = shown(release.source.directory(release.uri))
        self.fetcher.listener(Decision(place, f"not used: it is of {release.fields.get('Origin') or 'no origin'}"))
        return False


def _names(release: Release, architecture: str) -> Iterator[str]:
    if release.source.is_flat:
        yield "Packages"
    for component in release.source.components:
        yield f"{component}/binary-{architecture}/Packages"
        apart = release.fields.get("No-Support-For-Architecture-All") != "Packages"
        if apart and "all" in release.fields.get("Architectures", "").split():
            yield f"{component}/binary-all/Packages"


@dataclass(frozen=True)
class Fetched:
    """A package and the URIs of its file."""

    package: Package
    uris: Sequence[str]


def fetch_all(wanted: Sequence[Fetched], fetcher: Fetcher, cache: Path) -> dict[str, Path]:
    """Files by package name, several at once, the big ones first. Raises RegistryError, IntegrityError."""
    total, done = sum(one.package.size for one in wanted), 0
    found: dict[str, Path] = {}
    ordered = sorted(wanted, key=lambda one: -one.package.size)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for one, path in zip(ordered, pool.map(lambda one: _deb(one, fetcher, cache), ordered), strict=True):
            found[one.package.name] = path
            done += one.package.size
            fetcher.listener(BlobMoved("fetch", f"{len(wanted)} packages", done, total))
    return found


def _deb(wanted: Fetched, fetcher: Fetcher, cache: Path) -> Path:
    package = wanted.package
    target = cache / "debs" / f"{package.name}_{package.sha256[:32]}.deb"
    if not fetcher.download(wanted.uris, target, sha256=package.sha256, size=package.size):
        raise RegistryError(
            f"cannot fetch `{package}`: the archive has it no more", hint="the index is out of date; try again"
        )
    return target
