"""The operating system that a tree says it is; see os-release(5)."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from lissom.analysis.root import Root

__all__ = ["System", "read_system"]

_PLACES = ("etc/os-release", "usr/lib/os-release")
_ID = re.compile(r"[a-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class System:
    """``id`` and ``version`` are as in purls' ``distro``: debian and 12; all are empty when the tree says nothing."""

    id: str = ""
    version: str = ""
    title: str = ""
    homepage: str = ""
    path: str = ""

    @property
    def distro(self) -> str:
        return f"{self.id}-{self.version}" if self.id and self.version else self.id


def read_system(root: Root) -> System:
    """Read the first of the two places that says something."""
    for path in _PLACES:
        said = dict(_value(line) for line in root.text(path, 1 << 16).splitlines() if "=" in line)
        if _ID.fullmatch(said.get("ID", "")):
            version = said.get("VERSION_ID", "")
            return System(said["ID"], version, said.get("PRETTY_NAME", ""), said.get("HOME_URL", ""), root.follow(path))
    return System()


def _value(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    try:
        return name.strip(), "".join(shlex.split(value, comments=True))
    except ValueError:
        return name.strip(), ""
