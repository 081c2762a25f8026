"""Where the packages of all architectures come from: the archive as it is now, or the lock of the spec."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lissom.distroless.fetch import Fetcher
from lissom.distroless.lock import Lock, LockedArchitecture, LockedSource, fingerprint, read_lock, write_lock
from lissom.distroless.locked import fetch_locked, keep, without_stale
from lissom.distroless.sources import Source
from lissom.distroless.spec import Spec
from lissom.distroless.supply import Supply, sources_of, supplied, supply
from lissom.errors import LissomError, UsageError

__all__ = ["Places", "lock_of", "supplies"]


@dataclass(frozen=True)
class Places:
    """Where apt's sources, lissom's cache of the archive, and the lock are (None: there can be none).

    ``beside`` is what the spec's names of key files are relative to.
    """

    apt: Path
    cache: Path
    lock: Path | None = None
    beside: Path = Path()

    @property
    def kept(self) -> Path | None:
        """The directory of the lock's packages."""
        return self.lock.with_suffix(".debs") if self.lock else None


def lock_of(spec: Path, variant: str = "") -> Path:
    """Where the lock of the spec in the file ``spec`` is: beside it; each variant may have one of its own."""
    return spec.with_name(f"{spec.stem}-{variant}.lock" if variant else f"{spec.stem}.lock")


def supplies(
    spec: Spec, architectures: Sequence[str], places: Places, fetcher: Fetcher, *, relock: bool = False
) -> list[Supply]:
    """The packages of ``spec`` for each architecture: as its lock says if it has one, else as the archive has them.

    With ``relock`` the lock is written anew, and its packages are put beside it; an interruption leaves the old lock
    with all that it needs. Raises UsageError, RegistryError, IntegrityError, StoreError.
    """
    if places.lock and places.lock.exists() and not relock:
        lock = _fitting(read_lock(places.lock), places.lock, spec, architectures)
        return [_by_lock(spec, one, lock.architectures[one], places, fetcher) for one in architectures]
    found = [
        supply(spec, one, apt=places.apt, fetcher=fetcher, cache=places.cache, beside=places.beside)
        for one in architectures
    ]
    if relock:
        _write(spec, found, places)
    return found


def _fitting(lock: Lock, path: Path, spec: Spec, architectures: Sequence[str]) -> Lock:
    if lock.spec != fingerprint(spec):
        raise UsageError(
            f"cannot use lock `{path}`: the packages or sources of the spec have changed since it was written",
            hint="write it anew with --lock",
        )
    if missing := [one for one in architectures if one not in lock.architectures]:
        raise UsageError(
            f"cannot use lock `{path}`: it is of {', '.join(lock.architectures)}, not of {missing[0]}",
            hint="name all in `architectures:` of the spec, and write it anew with --lock",
        )
    return lock


def _by_lock(spec: Spec, architecture: str, locked: LockedArchitecture, places: Places, fetcher: Fetcher) -> Supply:
    def now() -> list[Source]:
        with suppress(LissomError):  # what the lock names may do
            return sources_of(spec, architecture, apt=places.apt, fetcher=fetcher, beside=places.beside)
        return []

    assert places.kept is not None
    debs = fetch_locked(locked, places.kept, now, fetcher, places.cache)
    sources = tuple(one.source for one in locked.sources)
    return supplied(architecture, locked.packages, debs, locked.date, sources)


def _write(spec: Spec, found: Sequence[Supply], places: Places) -> None:
    if places.lock is None or places.kept is None:
        raise UsageError("cannot write a lock: the spec is no file", hint="name a file or a ready spec")
    chosen = {one.architecture: one.chosen for one in found}
    for one in found:
        keep(one.chosen, one.debs, places.kept)
    write_lock(Lock(fingerprint(spec), {one.architecture: _locked(one) for one in found}), places.lock)
    without_stale(places.kept, [package for packages in chosen.values() for package in packages])


def _locked(supply: Supply) -> LockedArchitecture:
    sources = tuple(LockedSource(one.source, one.date, one.sha256) for one in supply.releases)
    return LockedArchitecture(supply.date, sources, supply.chosen)
