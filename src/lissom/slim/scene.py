"""What rules look at: the image's tree and config, what was seen while it ran, what is known of its files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from lissom.analysis.elf import Elf, read_elf
from lissom.analysis.packages import Package, Packages, read_packages
from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Tree
from lissom.sandbox.watch import Sighting

__all__ = ["Level", "Scene"]

_LARGEST_TEXT = 4 << 20
_PATH = ("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin")


class Level(Enum):
    """How much stays: whole packages that were touched, what is used and what belongs to it, what was seen used."""

    PACKAGE = "package"
    FILE = "file"
    STRICT = "strict"


@dataclass(frozen=True)
class Scene:
    """Everything is by path in the tree: relative, links resolved unless said otherwise."""

    tree: Tree
    config: Mapping[str, Any]
    sightings: Sequence[Sighting]
    level: Level = Level.FILE
    touched: Mapping[str, Sighting] = field(default_factory=dict)
    """Files and directories of the tree that were opened, executed, asked for or listed while the image ran."""

    listed: Collection[str] = ()
    """Directories whose entries were read."""

    memo: dict[str, Any] = field(default_factory=dict, repr=False)
    """What rules worked out once for the whole scene, by a name of theirs."""

    _places: dict[str, str] = field(default_factory=dict, repr=False)
    _elves: dict[str, Elf | None] = field(default_factory=dict, repr=False)
    _texts: dict[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def packages(self) -> Packages:
        """Packages of the operating system and of languages, and whose each file is."""
        return read_packages(self.tree)

    @cached_property
    def env(self) -> Mapping[str, str]:
        """The environment variables of the config."""
        return dict(str(pair).partition("=")[::2] for pair in self.config.get("Env") or ())

    @cached_property
    def path(self) -> tuple[str, ...]:
        """Directories of PATH, as they are in the tree."""
        words = [word.strip("/") for word in self.env.get("PATH", "").split(":")]
        return tuple(dict.fromkeys(self.resolve(word) for word in (*filter(None, words), *_PATH)))

    def owner(self, path: str) -> Package | None:
        """The operating system's package that a file came with, None for what was put there by other means."""
        return self.packages.owner(path)

    def resolve(self, path: str) -> str:
        """Where ``path`` leads, links followed; itself when they lead in circles."""
        place = self._places.get(path)
        if place is None:
            try:
                place = self.tree.resolve(path)
            except IntegrityError:
                place = path.strip("/")
            self._places[path] = place
        return place

    def get(self, path: str) -> Entry | None:
        """The entry that ``path`` leads to."""
        return self.tree.get(self.resolve(path))

    def is_file(self, path: str) -> bool:
        entry = self.get(path)
        return entry is not None and entry.kind is Kind.FILE

    def is_directory(self, path: str) -> bool:
        entry = self.get(path)
        return entry is not None and entry.is_directory

    def below(self, directory: str) -> Iterator[Entry]:
        """Every entry below a directory, which may be named through links; nothing when there is none."""
        real = self.resolve(directory)
        if real in self.tree:
            yield from self.tree.below(real)

    def children(self, directory: str) -> list[str]:
        """Paths directly in a directory."""
        return self.tree.children(self.resolve(directory))

    def read(self, path: str, limit: int = _LARGEST_TEXT) -> bytes:
        """The first ``limit`` bytes of a regular file; empty for anything else."""
        entry = self.get(path)
        if entry is None or entry.content is None:
            return b""
        with entry.content.open() as stream:
            return stream.read(limit)

    def text(self, path: str) -> str:
        """A file as text, kept for the next who asks; empty for one that is no text or too large."""
        real = self.resolve(path)
        if real not in self._texts:
            entry = self.tree.get(real)
            data = self.read(real) if entry is not None and entry.size <= _LARGEST_TEXT else b""
            self._texts[real] = "" if b"\0" in data[:1024] else data.decode(errors="replace")
        return self._texts[real]

    def elf(self, path: str) -> Elf | None:
        """What an ELF file says of itself; None for any other file."""
        real = self.resolve(path)
        if real not in self._elves:
            entry = self.tree.get(real)
            content = entry.content if entry is not None and entry.kind is Kind.FILE and entry.size > 64 else None
            self._elves[real] = read_elf(content) if content is not None else None
        return self._elves[real]

    def program(self, name: str) -> str | None:
        """The file that PATH has for a command; with a slash in it the name is a path."""
        if "/" in name:
            return self.resolve(name) if self.is_file(name) else None
        for directory in self.path:
            path = f"{directory}/{name}"
            entry = self.get(path)
            if entry is not None and entry.kind is Kind.FILE and entry.mode & 0o111:
                return path
        return None
