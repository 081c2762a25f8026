"""The account of a slim as a value: what stayed and why, what went, what was proven."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lissom.analysis.surface import Surface

__all__ = ["Account", "Gone", "Group", "Kept", "ProbeRow", "Removed", "Repair", "Side"]

_CHAIN = 64


@dataclass(frozen=True, slots=True)
class Side:
    """An image in figures: unpacked bytes (all names of one file once), bytes of its layers' blobs, files, layers.

    ``digest`` is the manifest's; ``files`` counts what is no directory.
    """

    reference: str
    digest: str
    size: int = 0
    compressed: int = 0
    files: int = 0
    layers: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """One path of the new image. ``because_of`` is a path of the account or a few words.

    ``size`` is what it takes now, ``original`` what it took before (0: it was not there); only the first name of a file
    has a size. ``kind`` is the entry's, and ``hardlink`` for further names. ``package`` is "kind name", empty for none.
    """

    path: str
    reason: str
    because_of: str = ""
    size: int = 0
    original: int = 0
    package: str = ""
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class Removed:
    """One path that the new image lacks. ``reason`` is empty when nothing asked for it, else why it went all the same.

    The other fields mean what they mean for ``Kept``.
    """

    path: str
    size: int = 0
    package: str = ""
    kind: str = "file"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """One probe: what it saw before and after in a few words; ``result`` is passed, failed or inconclusive."""

    name: str
    before: str
    after: str
    result: str
    seconds_before: float = 0.0
    seconds_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Repair:
    """A path that the new image was seen to miss and got back, in which round, and for which probe or program."""

    path: str
    round: int
    because_of: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """All that one rule kept: its name, its sentence, its paths, files and bytes."""

    reason: str
    says: str
    paths: tuple[Kept, ...]
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Gone:
    """All that went of one package (empty: of none), and how many files and bytes of it stay."""

    package: str
    paths: tuple[Removed, ...]
    files: int
    size: int
    files_kept: int
    size_kept: int


@dataclass(frozen=True)
class Account:
    """What a slim did. ``rules`` has a sentence for each reason; ``timing`` seconds by phase, in order.

    ``kept`` and ``removed`` are sorted by path and leave out the root directory. ``modules`` are those of a Java
    runtime that was made, ``calls`` the system calls that were seen.
    """

    before: Side
    after: Side
    level: str
    kept: tuple[Kept, ...] = ()
    removed: tuple[Removed, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    probes: tuple[ProbeRow, ...] = ()
    repairs: tuple[Repair, ...] = ()
    modules: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    surface_before: Surface | None = None
    surface_after: Surface | None = None
    warnings: tuple[str, ...] = ()
    timing: Mapping[str, float] = field(default_factory=dict)
    version: str = ""
    created: str = ""

    @cached_property
    def kept_paths(self) -> Mapping[str, Kept]:
        return {kept.path: kept for kept in self.kept}

    @cached_property
    def removed_paths(self) -> Mapping[str, Removed]:
        return {removed.path: removed for removed in self.removed}

    @property
    def passed(self) -> int:
        """How many probes see after what they saw before."""
        return sum(probe.result == "passed" for probe in self.probes)

    @property
    def verdict(self) -> str:
        """``passed``, ``failed``, ``inconclusive``, or ``unproven`` when there was no probe."""
        results = {probe.result for probe in self.probes}
        return next((word for word in ("failed", "inconclusive", "passed") if word in results), "unproven")

    def chain(self, path: str) -> tuple[Kept, ...]:
        """Why ``path`` stays, from itself up to what was there first; empty when it does not stay."""
        found: list[Kept] = []
        seen: set[str] = set()
        while (kept := self.kept_paths.get(path)) and path not in seen and len(found) < _CHAIN:
            found.append(kept)
            seen.add(path)
            path = kept.because_of.strip("/")
        return tuple(found)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """What stays by reason, the most bytes first."""
        by_reason: dict[str, list[Kept]] = {}
        for kept in self.kept:
            by_reason.setdefault(kept.reason, []).append(kept)
        groups = (
            Group(reason, self.rules.get(reason, ""), tuple(paths), _files(paths), sum(k.size for k in paths))
            for reason, paths in by_reason.items()
        )
        return tuple(sorted(groups, key=lambda group: (-group.size, -group.files, group.reason)))

    @cached_property
    def gone(self) -> tuple[Gone, ...]:
        """What went by package, the most bytes first."""
        by_package: dict[str, list[Removed]] = {}
        for removed in self.removed:
            by_package.setdefault(removed.package, []).append(removed)
        stays: dict[str, list[Kept]] = {package: [] for package in by_package}
        for kept in self.kept:
            if kept.package in stays:
                stays[kept.package].append(kept)
        gone = (
            Gone(
                package,
                tuple(paths),
                _files(paths),
                sum(removed.size for removed in paths),
                _files(stays[package]),
                sum(kept.size for kept in stays[package]),
            )
            for package, paths in by_package.items()
        )
        return tuple(sorted(gone, key=lambda group: (-group.size, -group.files, group.package)))

    def below(self, directory: str) -> Iterator[Kept | Removed]:
        """What is in the account below a directory, first what stays."""
        start = f"{directory}/" if directory else ""
        yield from (kept for kept in self.kept if kept.path.startswith(start))
        yield from (removed for removed in self.removed if removed.path.startswith(start))


def _files(paths: list[Kept] | list[Removed]) -> int:
    return sum(path.kind != "directory" for path in paths)
