"""Where the packages of all architectures come from: the archive as it is now, or the lock of the spec."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.sources import Source
from lissom.distroless.spec.include import divided
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.lock import Lock, LockedArchitecture, LockedSource, fingerprint, read_lock, write_lock
from lissom.distroless.supply.locked import fetch_locked, keep, without_stale
from lissom.distroless.supply.supply import Supply, sources_of, supplied, supply
from lissom.errors import LissomError, UsageError

__all__ = ["Places", "kept_beside", "places_of_locks", "supplies"]


@dataclass(frozen=True)
class Places:
    """Where apt's sources and lissom's cache of the archive are, and where a lock may be: it is written to the first.

    ``beside`` is what the spec's names of key files are relative to.
    """

    apt: Path
    cache: Path
    locks: tuple[Path, ...] = ()
    beside: Path = Path()


def kept_beside(lock: Path) -> Path:
    """The directory of the packages of a lock."""
    return lock.with_suffix(".debs")


def places_of_locks(text: str, variant: str = "") -> tuple[Path, ...]:
    """Where locks of the spec ``text``, as `spec.file.load` takes it, may be: its variant's own, then the spec's.

    They are beside the file; those of ready specs are in the working directory.
    """
    name, chosen = divided(text, Path())
    path, chosen = Path(name), variant or chosen
    stems = (f"{path.stem}-{chosen}", path.stem) if chosen else (path.stem,)
    return tuple(path.with_name(f"{stem}.lock") for stem in stems)


def supplies(
    spec: Spec, architectures: Sequence[str], places: Places, fetcher: Fetcher, *, relock: bool = False
) -> list[Supply]:
    """The packages of ``spec`` for each architecture: as its lock says if it has one, else as the archive has them.

    With ``relock`` the lock is written anew, and its packages are put beside it; an interruption leaves the old lock
    with all that it needs. Raises UsageError, RegistryError, IntegrityError, StoreError.
    """
    path = next((path for path in places.locks if path.exists()), None)
    if path and not relock:
        lock = _fitting(read_lock(path), path, spec, architectures)
        return [_Locked(spec, path, places, fetcher).supply(one, lock.architectures[one]) for one in architectures]
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
            f"cannot use lock `{path}`: the spec, or this variant of it, asks for other packages or sources",
            hint="write the lock anew with --lock",
        )
    if missing := [one for one in architectures if one not in lock.architectures]:
        raise UsageError(
            f"cannot use lock `{path}`: it is of {', '.join(lock.architectures)}, not of {missing[0]}",
            hint="name all in `architectures:` of the spec, and write it anew with --lock",
        )
    return lock


@dataclass(frozen=True)
class _Locked:
    spec: Spec
    lock: Path
    places: Places
    fetcher: Fetcher

    def supply(self, architecture: str, locked: LockedArchitecture) -> Supply:
        def now() -> list[Source]:
            with suppress(LissomError):  # what the lock names may do
                apt, beside = self.places.apt, self.places.beside
                return sources_of(self.spec, architecture, apt=apt, fetcher=self.fetcher, beside=beside)
            return []

        debs = fetch_locked(locked, kept_beside(self.lock), now, self.fetcher, self.places.cache)
        sources = tuple(one.source for one in locked.sources)
        return supplied(architecture, locked.packages, debs, locked.date, sources)


def _write(spec: Spec, found: Sequence[Supply], places: Places) -> None:
    path = places.locks[0]
    for one in found:
        keep(one.chosen, one.debs, kept_beside(path))
    write_lock(Lock(fingerprint(spec), {one.architecture: _locked(one) for one in found}), path)
    without_stale(kept_beside(path), [package for one in found for package in one.chosen])


def _locked(supply: Supply) -> LockedArchitecture:
    sources = tuple(LockedSource(one.source.public, one.date, one.sha256) for one in supply.releases)
    return LockedArchitecture(supply.date, sources, supply.chosen)
