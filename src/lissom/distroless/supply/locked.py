"""Packages by a lock: kept beside it, and used from there when archives have dropped them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from lissom.distroless.archive.apt import Fetched, fetch_all
from lissom.distroless.archive.control import Package
from lissom.distroless.archive.fetch import Fetcher, is_whole
from lissom.distroless.archive.snapshot import is_snapshot, moment_after, snapshot_of
from lissom.distroless.archive.sources import Source
from lissom.distroless.archive.uri import joined
from lissom.distroless.supply.choice import Chosen
from lissom.distroless.supply.lock import LockedArchitecture, LockedSource
from lissom.errors import IntegrityError, RegistryError, StoreError

__all__ = ["fetch_locked", "keep", "kept_name", "without_stale"]


def fetch_locked(
    locked: LockedArchitecture, kept: Path, now: Callable[[], Iterable[Source]], fetcher: Fetcher, cache: Path
) -> dict[str, Path]:
    """The files of the locked packages by name: of the cache, of the directory ``kept``, or of an archive.

    An archive is asked where the package came from; where that fails, at the mirrors of ``now``, and at the service
    that keeps Debian's past. Raises RegistryError, IntegrityError, StoreError.
    """
    try:
        wanted = [_places(one.package, kept, _then(one.package, locked)) for one in locked.packages]
        return fetch_all(wanted, fetcher, cache)
    except (RegistryError, IntegrityError):
        known = list(now())
        wanted = [_places(one.package, kept, _later(one.package, locked, known)) for one in locked.packages]
        return fetch_all(wanted, fetcher, cache)


def keep(packages: Sequence[Chosen], debs: Mapping[str, Path], kept: Path) -> None:
    """Put the files into the directory ``kept`` under their names in archives. Raises StoreError."""
    try:
        kept.mkdir(parents=True, exist_ok=True)
        for one in packages:
            target = kept / kept_name(one.package)
            if not is_whole(target, one.package.sha256, one.package.size):
                _copy(debs[one.package.name], target)
    except OSError as error:
        raise StoreError(f"cannot write to `{kept}`: {error.strerror}") from error


def without_stale(kept: Path, packages: Iterable[Chosen]) -> None:
    """Remove packages from the directory ``kept`` that are none of these. Raises StoreError."""
    names = {kept_name(one.package) for one in packages}
    try:
        for path in kept.glob("*.deb"):
            if path.name not in names:
                path.unlink()
    except OSError as error:
        raise StoreError(f"cannot write to `{kept}`: {error.strerror}") from error


def kept_name(package: Package) -> str:
    """``NAME_VERSION_ARCHITECTURE.deb``, as apt names what it has downloaded."""
    words = (package.name, package.version.replace(":", "%3a"), package.architecture)
    return f"{'_'.join(words)}.deb"


def _places(package: Package, kept: Path, uris: Iterable[str]) -> Fetched:
    own = (kept / kept_name(package)).absolute().as_uri()
    return Fetched(package, [own, *(joined(uri, package.filename) for uri in dict.fromkeys(uris))])


def _of(package: Package, locked: LockedArchitecture) -> list[LockedSource]:
    return [one for one in locked.sources if package.base in one.source.uris]


def _then(package: Package, locked: LockedArchitecture) -> list[str]:
    return [package.base, *(uri for one in _of(package, locked) for uri in one.source.uris)]


def _later(package: Package, locked: LockedArchitecture, known: Iterable[Source]) -> list[str]:
    own = _of(package, locked)
    suites = {one.source.suite for one in own}
    found = [*_then(package, locked), *(uri for source in known if source.suite in suites for uri in source.uris)]
    if not is_snapshot(package.base):
        kept = (snapshot_of(one.source, moment_after(one.date)) for one in own)
        found += [uri for uri in kept if uri]
    return found


def _copy(file: Path, target: Path) -> None:
    directory = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        try:
            os.link(file, directory / target.name)
        except OSError:
            shutil.copyfile(file, directory / target.name)
        os.replace(directory / target.name, target)
    finally:
        shutil.rmtree(directory)
