"""Words that apt takes for yes and no; see apt.conf(5)."""

from __future__ import annotations

__all__ = ["says_no"]

_NO = ("no", "false", "without", "off", "disable", "0")


def says_no(word: str) -> bool:
    """Whether ``word`` turns something off; apt takes any other for yes."""
    return word.lower() in _NO
