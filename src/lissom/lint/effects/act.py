"""One thing that a command does to one path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Span

__all__ = ["CHANGES", "LEAVES", "Act", "Deed", "Effects"]


class Deed(Enum):
    """What is done to the path of an act."""

    PLACE = "comes with COPY or ADD"
    FETCH = "is downloaded"
    UNPACK = "is unpacked"
    CLONE = "is cloned"
    WRITE = "is written"
    COPY = "is copied"
    MOVE = "is moved"
    BUILD = "is built"
    LINK = "is linked"
    MKDIR = "is made"
    MODE = "gets another mode"
    OWNER = "gets another owner"
    TIMES = "is touched"
    EDIT = "is edited"
    READ = "is read"
    REMOVE = "is removed"


LEAVES = frozenset(
    {Deed.PLACE, Deed.FETCH, Deed.UNPACK, Deed.CLONE, Deed.WRITE, Deed.COPY, Deed.MOVE, Deed.BUILD},
)
"""Deeds that leave content at the path, or below it where it is a directory."""

CHANGES = frozenset({Deed.MODE, Deed.OWNER, Deed.TIMES, Deed.EDIT})
"""Deeds for which the file is stored again in the layer of the step."""


@dataclass(frozen=True, slots=True)
class Act:
    """A deed on a path.

    ``path`` is absolute, with globs as written and variables of unknown value as ``${NAME}``; what is relative to an
    unknown directory begins with ``${PWD}``. ``span`` is where the path is written. ``source`` is where the content
    comes from: a path (of a copy, a move, an unpacked archive; ``-`` for standard input) or an address. ``deep`` tells
    that all below is meant. ``sure`` is False for what stands in a branch or loop, or behind ``||``. ``detail`` is the
    mode or owner as written, or the name of what was called.
    """

    deed: Deed
    path: str
    span: Span
    command: Simple | None = None
    source: str = ""
    deep: bool = False
    sure: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Effects:
    """The acts of a step in order, and the commands of which it is not known what they do to files."""

    acts: tuple[Act, ...] = ()
    unknown: tuple[Simple, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the acts are all that the step does."""
        return not self.unknown
