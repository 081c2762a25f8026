"""Where everything in an image of packages comes from, as a value: packages, layers, paths, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lissom.distroless.tree.assembled import LeftOut

__all__ = ["LayerRow", "LeftOut", "Member", "Present", "Provenance", "Saving"]


@dataclass(frozen=True, slots=True)
class Member:
    """One package of the image, and its bytes in it. ``layer`` counts from 1, bottom first (0: of none alone).

    ``wish`` says how the spec asked for it, ``needed_by`` names the package that depends on it; one of both is empty.
    ``sha256`` is of the .deb, in hex.
    """

    name: str
    version: str
    architecture: str = ""
    source: str = ""
    section: str = ""
    wish: str = ""
    needed_by: str = ""
    layer: int = 0
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer: its packages (and additions to packages of others) and why they are together; bytes of its files and
    of its blob.
    """

    name: str
    packages: tuple[str, ...]
    reason: str
    diff_id: str
    size: int = 0
    compressed: int = 0


@dataclass(frozen=True, slots=True)
class Present:
    """One path of the image: its package, or what it was computed from, or both. ``layer`` counts from 1.

    ``kind`` is the entry's, and ``hardlink`` for further names of a file; only the first name has a size.
    """

    path: str
    package: str = ""
    reason: str = ""
    size: int = 0
    kind: str = "file"
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Saving:
    """All that one reason left out."""

    reason: str
    files: int
    size: int


@dataclass(frozen=True)
class Provenance:
    """What an image was made of. ``digest`` is the manifest's; rows are sorted by path, without the root directory.

    ``by_records`` says that nobody saw it made: the image's own records of packages say so.
    """

    name: str
    digest: str
    platform: str = ""
    packages: tuple[Member, ...] = ()
    layers: tuple[LayerRow, ...] = ()
    present: tuple[Present, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    version: str = ""
    created: str = ""
    by_records: bool = False

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """Packages by name."""
        return {member.name: member for member in self.packages}

    @cached_property
    def present_paths(self) -> Mapping[str, Present]:
        return {row.path: row for row in self.present}

    @cached_property
    def left_out_paths(self) -> Mapping[str, LeftOut]:
        return {row.path: row for row in self.left_out}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(row.size for row in self.present)

    @property
    def compressed(self) -> int:
        """Bytes of the layers' blobs."""
        return sum(layer.compressed for layer in self.layers)

    def chain(self, package: str) -> tuple[Member, ...]:
        """Why ``package`` is there: itself, then who needs it, up to one that nobody needs."""
        found: dict[str, Member] = {}
        while (member := self.members.get(package)) and package not in found:
            found[package] = member
            package = member.needed_by
        return tuple(found.values())

    def below(self, directory: str) -> Iterator[Present | LeftOut]:
        """What is known below a directory, first what is in the image."""
        start = f"{directory}/" if directory else ""
        yield from (row for row in self.present if row.path.startswith(start))
        yield from (row for row in self.left_out if row.path.startswith(start))

    @cached_property
    def savings(self) -> tuple[Saving, ...]:
        """What was left out by reason, the most bytes first."""
        found: dict[str, list[LeftOut]] = {}
        for row in self.left_out:
            found.setdefault(row.reason, []).append(row)
        rows = (Saving(reason, len(rows), sum(row.size for row in rows)) for reason, rows in found.items())
        return tuple(sorted(rows, key=lambda row: (-row.size, -row.files, row.reason)))
