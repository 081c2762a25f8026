"""What belongs together in an image whose packages are not known, as those of rpm: directories stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.slim.areas import areas
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_PLACE = re.compile(
    r"^(?:etc/(?!alternatives/|init\.d/|pam\.d/|pki/|rc\.d/|rc\d\.d/|selinux/|skel/|ssl/|sysconfig/|systemd/|yum)[^/]+(?=/)"
    r"|usr/share/(?!doc/|fonts/|i18n/|icons/|info/|licenses/|locale/|man/|misc/|zoneinfo/)[^/]+(?=/)"
    r"|usr/lib(?:64|exec)?/(?!debug/|gcc/|gconv/|locale/|modules/|python|perl|rpm/|systemd/|tmpfiles|udev/|[^/]+-linux-)[^/]+(?=/))"
)
_MOST = 64 << 20


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    if scene.packages.system:
        return
    places: dict[str, str] = {}
    for path in scene.touched:
        match = _PLACE.match(path)
        if match and not areas(scene).managed(path) and not scene.tree[path].is_directory:
            places.setdefault(match[0], path)
    for place, because_of in places.items():
        entries = [entry for entry in scene.below(place) if not areas(scene).managed(entry.path)]
        if sum(entry.size for entry in entries if entry.content is not None) <= _MOST:
            yield from (Keep(entry.path, "distribution", because_of) for entry in entries)


RULES = (
    Rule(
        "distribution", "Part of a directory that is used, where nothing tells which package it is of.", family=_family
    ),
)
