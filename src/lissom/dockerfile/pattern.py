"""The shell patterns of ``${x#pattern}``, ``${x%pattern}`` and ``${x/pattern/text}``: ``*``, ``?`` and ``\\``."""

from __future__ import annotations

import re

__all__ = ["remove_prefix", "remove_suffix", "replace"]


def remove_prefix(value: str, pattern: str, *, greedy: bool) -> str:
    """``value`` without the shortest (or longest) prefix that matches; ValueError if the pattern is malformed."""
    match = _compile(pattern, greedy=greedy).match(value)
    return value[match.end() :] if match else value


def remove_suffix(value: str, pattern: str, *, greedy: bool) -> str:
    """``value`` without the shortest (or longest) suffix that matches; ValueError if the pattern is malformed."""
    # A search runs from the left, so both sides are turned round to find the rightmost match.
    return remove_prefix(value[::-1], _reversed(pattern), greedy=greedy)[::-1]


def replace(value: str, pattern: str, replacement: str, *, every: bool) -> str:
    """``value`` with the first (or every) match replaced; ValueError if the pattern is malformed."""
    regex = _compile(pattern, greedy=True)
    out: list[str] = []
    at = 0
    last_end = -1
    for match in regex.finditer(value):
        if match.start() == match.end() == last_end:
            continue  # an empty match right behind another match is none
        out += (value[at : match.start()], replacement)
        at = last_end = match.end()
        if not every:
            break
    return "".join(out) + value[at:]


def _compile(pattern: str, *, greedy: bool) -> re.Pattern[str]:
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            out.append(".*" if greedy else ".*?")
        elif char == "?":
            out.append(".")
        elif char == "\\":
            following = pattern[at : at + 1]
            if following in ("}", "/"):
                continue  # escaped for the sake of ${}, not for the pattern
            if following not in ("*", "?", "\\"):
                raise ValueError(f"`\\{following}` is no escape that the pattern `{pattern}` can have")
            out.append(re.escape(following))
            at += 1
        else:
            out.append(re.escape(char))
    return re.compile("".join(out))


def _reversed(pattern: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(pattern):
        width = 2 if pattern[at] == "\\" and at + 1 < len(pattern) else 1
        out.append(pattern[at : at + width])
        at += width
    return "".join(reversed(out))
