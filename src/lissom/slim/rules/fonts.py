"""Fonts and what finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_FINDER = re.compile(r"^libfontconfig\.so[\d.]*$")
_PLACES = ("etc/fonts", "usr/share/fontconfig", "usr/share/fonts", "usr/local/share/fonts", "usr/share/xml/fontconfig")
_CACHES = ("var/cache/fontconfig",)


def _follow(scene: Scene, keep: Keep) -> Iterator[Keep]:
    if not _FINDER.match(keep.path.rpartition("/")[2]):
        return
    for place in _PLACES:
        for entry in scene.below(place):
            yield Keep(entry.path, "fonts", keep.path)
    for place in _CACHES:
        yield Keep(place, "fonts", keep.path)


RULES = (Rule("fonts", "A font, or what fontconfig reads to find one.", _follow),)
