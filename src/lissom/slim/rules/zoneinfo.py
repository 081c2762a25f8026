"""The time zone database."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.dlopen import is_of_c_library
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_HOME = "usr/share/zoneinfo"
_CALLS = frozenset(("localtime", "localtime_r", "tzset", "mktime", "tzname", "__tzname", "strftime"))
_DOUBLES = ("posix", "right")
"""The same zones again, without and with leap seconds."""


def _follow(scene: Scene, keep: Keep) -> Iterator[Keep]:
    elf = scene.elf(keep.path)
    if elf is None or is_of_c_library(scene, keep.path):
        return
    if not (elf.imports & _CALLS or elf.is_go or (elf.static and elf.type in ("exec", "dyn"))):
        return
    for path in scene.children(_HOME):
        if path.rpartition("/")[2] in _DOUBLES and not any(name.startswith(f"{path}/") for name in scene.touched):
            continue
        yield Keep(path, "zoneinfo", keep.path)
        for entry in scene.below(path) if scene.tree[path].is_directory else ():
            yield Keep(entry.path, "zoneinfo", keep.path)


RULES = (Rule("zoneinfo", "A time zone: TZ, or a caller, may name any.", _follow),)
