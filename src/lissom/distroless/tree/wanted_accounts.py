"""Users and groups that a package's script would add, so that whoever builds the image is told to state them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from lissom.distroless.tree.shell_script import commands

__all__ = ["wanted_accounts"]

_TOOLS = frozenset(("adduser", "addgroup", "useradd", "groupadd"))
_WITH_VALUE = frozenset((
    "--comment", "--firstgid", "--firstuid", "--gecos", "--gid", "--group-id", "--home", "--home-dir", "--ingroup",
    "--lastgid", "--lastuid", "--shell", "--uid", "-c", "-d", "-g", "-G", "-s", "-u",
))  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def wanted_accounts(script: str) -> tuple[str, ...]:
    """Their names, as far as the postinst ``script`` says them in plain words, each once."""
    if not any(tool in script for tool in _TOOLS):
        return ()
    names = (_name(words) for words in commands(script) if words[0] in _TOOLS)
    return tuple(dict.fromkeys(name for name in names if name))


def _name(words: Sequence[str | None]) -> str | None:
    """The first word that is neither an option nor an option's value; see adduser(8), useradd(8)."""
    for before, word in pairwise(words):
        if word is None or (not word.startswith("-") and before not in _WITH_VALUE):
            return word if word and _NAME.fullmatch(word) else None
    return None
