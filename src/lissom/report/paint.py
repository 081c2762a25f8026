"""Colours for a terminal, or none."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Paint", "coloured", "plain"]

Paint = Callable[[str, str], str]
"""Gives a text in a style: ``head``, ``dim``, ``good``, ``warn``, ``bad``."""

_CODES = {"head": "1", "dim": "2", "good": "32", "warn": "33", "bad": "31"}


def plain(_style: str, text: str) -> str:
    """The text as it is."""
    return text


def coloured(style: str, text: str) -> str:
    """The text within the escape sequences of ``style``; spaces around it stay outside."""
    inner = text.strip()
    if not inner:
        return text
    start = text.index(inner)
    return f"{text[:start]}\x1b[{_CODES[style]}m{inner}\x1b[0m{text[start + len(inner) :]}"
