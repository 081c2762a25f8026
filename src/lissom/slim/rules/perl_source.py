"""What Perl sources use, require, and name in texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Mentions", "mentions_of"]

_AFTER = re.compile(r"[ \t]+([A-Za-z_]\w*(?:::\w+)*)|[ \t(]*['\"]([\w./-]+\.p[lm])['\"]")
_LOADING = ("use ", "use\t", "require", "do ", "do(")
_BASES = re.compile(r"^[ \t]*use[ \t]+(?:base|parent|aliased|superclass)\b([^;]{1,300});", re.MULTILINE)
_BARE = re.compile(r"[A-Za-z_]\w*(?:::\w+)+|(?<=['\"\s(])[A-Z]\w+")
_TEXT = re.compile(r"['\"]([A-Z]\w*(?:::\w+)+)['\"]")
_BEGINNING = re.compile(r"['\"]((?:[A-Z]\w*::)*[A-Z]\w*)::(?:['\"]|\$|%s)")
_DRIVER = re.compile(r"(?:dbi|DBI):(\w+):")
_DOCUMENT = re.compile(r"^=[a-zA-Z].*?(?:^=cut\b[^\n]*|\Z)", re.MULTILINE | re.DOTALL)
_END = re.compile(r"^__(?:END|DATA)__$", re.MULTILINE)


@dataclass(frozen=True)
class Mentions:
    """``uses`` are modules; ``names`` texts that are whole names; ``beginnings`` are those that more is put behind."""

    uses: frozenset[str]
    files: frozenset[str]
    names: frozenset[str] = frozenset()
    beginnings: frozenset[str] = frozenset()


def mentions_of(text: str, *, texts: bool) -> Mentions:
    """What a source says outside of its documentation and before its end."""
    end = _END.search(text)
    code = text[: end.start()] if end else text
    if "\n=" in code or code.startswith("="):
        code = _DOCUMENT.sub("", code)
    uses, files = _loaded(code)
    for listed in _BASES.findall(code) if "base" in code or "parent" in code else ():
        uses.update(_BARE.findall(listed))
    if not texts:
        return Mentions(frozenset(uses), frozenset(files))
    names = set(_TEXT.findall(code))
    if "dbi:" in code or "DBI:" in code:
        names.update(f"DBD::{driver}" for driver in _DRIVER.findall(code))
    return Mentions(frozenset(uses), frozenset(files), frozenset(names), frozenset(_BEGINNING.findall(code)))


def _loaded(code: str) -> tuple[set[str], set[str]]:
    """Modules and files behind each word that loads, wherever it stands: found by plain search, which is quick."""
    uses: set[str] = set()
    files: set[str] = set()
    for word in _LOADING:
        at = code.find(word)
        while at >= 0:
            match = _AFTER.match(code, at + len(word.rstrip(" \t(")))
            if match and not (at and (code[at - 1].isalnum() or code[at - 1] in "_$@%&>:-")):
                (uses if match[1] else files).add(match[1] or match[2])
            at = code.find(word, at + len(word))
    return uses, files
