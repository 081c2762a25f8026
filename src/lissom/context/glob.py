"""Patterns of path names as Go's ``filepath.Match`` reads them, and with ``**`` as .dockerignore does."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["has_wildcards", "ignore_expression", "match_part", "unescape"]


def has_wildcards(part: str) -> bool:
    """Whether ``part`` holds ``*``, ``?`` or ``[`` that no backslash takes away."""
    return re.search(r"[*?\[]", re.sub(r"\\.", "", part)) is not None


def unescape(part: str) -> str:
    """``part`` without the backslashes that escape its characters."""
    return re.sub(r"\\(.)", r"\1", part)


@lru_cache(maxsize=4096)
def match_part(pattern: str) -> re.Pattern[str]:
    """An expression for one part of a path (no slash in it). Raises ValueError for a malformed pattern."""
    return re.compile(_translate(pattern, double=False), re.DOTALL)


@lru_cache(maxsize=4096)
def ignore_expression(pattern: str) -> str:
    """The expression of a cleaned ignore pattern. Raises ValueError with the cause for a malformed one.

    ``**`` before a slash stands for any number of directories, also none; at the end for anything.
    """
    rest = pattern.removeprefix("**")
    if rest != pattern and not re.search(r"[*?\[\\]", rest):
        if rest.startswith("/"):
            return f"(?:.*/)?{re.escape(rest[1:])}"
        return f".*{re.escape(rest)}"
    return _translate(pattern, double=True)


def _translate(pattern: str, *, double: bool) -> str:
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            if double and pattern.startswith("*", at):
                at += 1
                if pattern.startswith("/", at):
                    at += 1
                out.append(".*" if at == len(pattern) else "(?:.*/)?")
            else:
                out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[":
            at, expression = _class(pattern, at)
            out.append(expression)
        elif char == "\\":
            if at == len(pattern):
                raise ValueError("it ends with a backslash")
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _class(pattern: str, at: int) -> tuple[int, str]:
    """The character class whose ``[`` ends at ``at``: where it ends, and its expression."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[str] = []
    while not (pattern.startswith("]", at) and ranges):
        at, low = _member(pattern, at)
        high = low
        if pattern.startswith("-", at):
            at, high = _member(pattern, at + 1)
        if high >= low:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            ranges.append("")
    inside = "".join(ranges)
    if negated:
        return at + 1, f"(?!/)[^{inside}]" if inside else "[^/]"
    return at + 1, f"(?!/)[{inside}]" if inside else "(?!)"


def _member(pattern: str, at: int) -> tuple[int, str]:
    if at >= len(pattern):
        raise ValueError("its `[` is never closed")
    char = pattern[at]
    if char in "-]":
        raise ValueError(f"`{char}` stands at a wrong place in `[…]`")
    if char == "\\":
        at += 1
        if at >= len(pattern):
            raise ValueError("its `[` is never closed")
        char = pattern[at]
    if at + 1 >= len(pattern):
        raise ValueError("its `[` is never closed")
    return at + 1, char
