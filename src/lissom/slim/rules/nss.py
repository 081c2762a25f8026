"""The name service: modules that the C library loads to look up users, hosts and services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.linker import library_directories
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_ALWAYS = ("files", "dns")
_COMPANIONS = ("libresolv.so.2",)
"""What the module for dns needs where it is part of the C library."""


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    because_of = next((path for path in keeps if path.rpartition("/")[2].startswith(("libc.so.6", "libc-2."))), None)
    if because_of is None:
        return
    for name in (*(f"libnss_{service}.so.2" for service in _services(scene)), *_COMPANIONS):
        for directory in library_directories(scene):
            yield Keep(f"{directory}/{name}", "nss", because_of)


def _services(scene: Scene) -> list[str]:
    """Services that nsswitch.conf names for any database, and the two that a C library without it takes."""
    found = dict.fromkeys(_ALWAYS)
    for line in scene.text("etc/nsswitch.conf").splitlines():
        words = re.sub(r"\[[^\]]*\]", " ", line.partition("#")[0].partition(":")[2]).split()
        found.update(dict.fromkeys(word for word in words if re.fullmatch(r"\w+", word)))
    return list(found)


RULES = (Rule("nss", "What the C library loads to look up users, hosts and services.", family=_family),)
