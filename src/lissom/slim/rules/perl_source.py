"""What Perl sources use, require, and name in texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Mentions", "mentions_of"]

_USE = re.compile(r"(?:^|[;{}])[ \t]*(?:use|require|no)[ \t]+([A-Za-z_]\w*(?:::\w+)*)", re.MULTILINE)
_LATE = re.compile(r"\b(?:use|require)[ \t]+([A-Z]\w*(?:::\w+)*)")
_FILE = re.compile(r"\b(?:require|do)[ \t(]+['\"]([\w./-]+\.p[lm])['\"]")
_BASES = re.compile(r"^[ \t]*use[ \t]+(?:base|parent|aliased|superclass)\b([^;]{1,300});", re.MULTILINE)
_BARE = re.compile(r"[A-Za-z_]\w*(?:::\w+)+|(?<=['\"\s(])[A-Z]\w+")
_TEXT = re.compile(r"['\"]([A-Z]\w*(?:::\w+)+)['\"]")
_BEGINNING = re.compile(r"['\"]((?:[A-Z]\w*::)*[A-Z]\w*)::(?:['\"]|\$|%s)")
_DRIVER = re.compile(r"\bdbi:(\w+):", re.IGNORECASE)
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
    uses = {*_USE.findall(code), *_LATE.findall(code)}
    for listed in _BASES.findall(code):
        uses.update(_BARE.findall(listed))
    files = frozenset(_FILE.findall(code))
    if not texts:
        return Mentions(frozenset(uses), files)
    names = {*_TEXT.findall(code), *(f"DBD::{driver}" for driver in _DRIVER.findall(code))}
    return Mentions(frozenset(uses), files, frozenset(names), frozenset(_BEGINNING.findall(code)))
