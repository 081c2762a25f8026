"""The parts of an image, as a bill of materials tells them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lissom.analysis.inventory.licence import UNKNOWN, Licence

__all__ = ["Component", "File", "Inventory", "Maintainer", "Making"]

_MANY = re.compile(
    r"\b(?:team|maintainers?|developers|group|project|foundation|authors|contributors|inc|gmbh|llc|ltd|corporation|"
    r"software|community|consortium|packagers|list)\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"@(?:lists?|alioth-lists|tracker|packages)\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Maintainer:
    """Who answers for a component: a name, and an address where one is known."""

    name: str
    mail: str = ""

    @property
    def many(self) -> bool:
        """Whether this looks like a team or a list rather than a person."""
        return bool(_MANY.search(self.name) or _LIST.search(self.mail))


@dataclass(frozen=True, slots=True)
class File:
    """A regular file: its path from the root on with a slash before it, and digests in hex."""

    path: str
    sha1: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Making:
    """What whoever made an image knows of a package and its records do not say.

    ``sha256`` is of the package as a file, in hex; ``left_out`` says in words which of its files are not in the image.
    """

    sha256: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """One part: ``kind`` is deb, apk, python, npm, gem, java, go, runtime or os.

    ``ref`` names it within an inventory and is made of ASCII letters, digits, dots and dashes; ``requires`` and
    ``holds`` are refs: what it needs when it runs, what came as a part of it. ``source`` is the name and version of
    what it was built from, where that is called otherwise. ``cpe`` is its name in lists of flaws (CPE 2.3), where the
    purl is not enough. ``found`` is the path of its record.
    """

    ref: str
    kind: str
    name: str
    version: str
    purl: str = ""
    group: str = ""
    architecture: str = ""
    licence: Licence = UNKNOWN
    maintainer: Maintainer | None = None
    homepage: str = ""
    summary: str = ""
    source: str = ""
    cpe: str = ""
    making: Making = field(default_factory=Making)
    found: str = ""
    requires: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """An image and its components, in the order of their refs. ``created`` is seconds since 1970.

    ``files`` are those of no component; there are none at all unless they were asked for.
    """

    name: str
    digest: str
    purl: str
    created: int
    components: tuple[Component, ...]
    files: tuple[File, ...] = ()

    @property
    def loose(self) -> tuple[Component, ...]:
        """Components that came as a part of no other one."""
        held = {ref for component in self.components for ref in component.holds}
        return tuple(component for component in self.components if component.ref not in held)
