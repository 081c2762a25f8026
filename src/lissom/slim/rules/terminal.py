"""Descriptions of terminals, for programs that draw on one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_DRAWER = re.compile(r"^lib(?:tinfo|n?cursesw?|termcap)\.so[\d.]*$")
_PLACES = ("etc/terminfo", "lib/terminfo", "usr/lib/terminfo", "usr/share/terminfo")
_COMMON = """
ansi dumb linux screen screen-256color tmux tmux-256color vt100 vt102 vt220 xterm xterm-256color xterm-color rxvt
rxvt-unicode rxvt-unicode-256color cygwin
"""


def _follow(scene: Scene, keep: Keep) -> Iterator[Keep]:
    if not _DRAWER.match(keep.path.rpartition("/")[2]):
        return
    for place in _PLACES:
        for entry in scene.below(place):
            if entry.name in _COMMON.split() and not entry.is_directory:
                yield Keep(entry.path, "terminal", keep.path)
    yield Keep("etc/inputrc", "terminal", keep.path)


RULES = (Rule("terminal", "The description of a common terminal, which a kept program may be started on.", _follow),)
