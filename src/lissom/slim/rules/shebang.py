"""The program that a kept script names in its first line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.scene import Scene

__all__ = ["AT_REST", "RULES", "interpreter_of"]

_LINE = re.compile(rb"#![ \t]*([^\s]+)[ \t]*([^\n]*)")
_LONGEST = 4096
AT_REST = "package data"
"""The reason of scripts that stay with their package only: nothing says that they are run."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def interpreter_of(data: bytes) -> tuple[str, ...]:
    """The path in a script's first line and, when that is env, the command that env starts; empty without one."""
    match = _LINE.match(data)
    if match is None:
        return ()
    path, rest = match[1].decode("utf-8", "surrogateescape"), match[2].decode("utf-8", "surrogateescape")
    if path.rpartition("/")[2] != "env":
        return (path,)
    words = rest.replace("-S", "", 1).split() if rest.lstrip().startswith("-S") else rest.split()
    commands = [word for word in words if not word.startswith("-") and not _ASSIGNMENT.match(word)]
    return (path, *commands[:1])


def _follow(scene: Scene, keep: Keep) -> Iterator[Keep]:
    entry = scene.tree.get(keep.path)
    if entry is None or entry.content is None or not entry.mode & 0o111 or keep.reason == AT_REST:
        return
    for name in interpreter_of(scene.read(keep.path, _LONGEST)):
        program = scene.program(name)
        if program is not None:
            yield Keep(name if "/" in name else program, "shebang", keep.path)


RULES = (Rule("shebang", "The interpreter that a kept script names in its first line.", _follow, strict=True),)
