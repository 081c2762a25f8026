"""Debian versions in their order; see deb-version(7)."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["compare", "satisfies"]

_PART = re.compile(r"(\D*)(\d*)")


def compare(one: str, other: str) -> int:
    """-1, 0 or 1 as ``dpkg --compare-versions`` says lt, eq, gt."""
    left, right = _key(one), _key(other)
    return (left > right) - (left < right)


def satisfies(version: str, relation: str, wanted: str) -> bool:
    """Whether ``version`` is in ``relation`` (``<<``, ``<=``, ``=``, ``>=``, ``>>``) to ``wanted``."""
    order = compare(version, wanted)
    return {"<<": order < 0, "<=": order <= 0, "=": order == 0, ">=": order >= 0, ">>": order > 0,
            "<": order <= 0, ">": order >= 0}[relation]  # fmt: skip


@lru_cache(4096)
def _key(version: str) -> tuple[int, tuple[object, ...], tuple[object, ...]]:
    epoch, colon, rest = version.strip().partition(":")
    if not colon:
        epoch, rest = "0", epoch
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return int(epoch or 0), _ordered(upstream), _ordered(revision)


def _ordered(text: str) -> tuple[object, ...]:
    """Letters and numbers by turns; the end of letters is 0, below it only ``~``, above it letters, then the rest."""
    parts: list[object] = []
    for letters, digits in _PART.findall(text):
        parts.append((*(_weight(letter) for letter in letters), 0))
        parts.append(int(digits or 0))
    while parts[-2:] == [(0,), 0]:
        del parts[-2:]
    return (*parts, (0,), 0, (0,), 0)  # the end is no more than a zero, and more than ``~``


def _weight(letter: str) -> int:
    if letter == "~":
        return -1
    return ord(letter) if letter.isalpha() else ord(letter) + 256
