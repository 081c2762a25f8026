"""Annotations as flags say them: ``KEY=VALUE``."""

from __future__ import annotations

import click

__all__ = ["annotations_of"]


def annotations_of(texts: tuple[str, ...]) -> dict[str, str]:
    """The annotations of some flags; the last of a key counts."""
    found: dict[str, str] = {}
    for text in texts:
        key, mark, value = text.partition("=")
        if not mark or not key:
            raise click.UsageError(f"cannot use annotation `{text}`: it is not KEY=VALUE")
        found[key] = value
    return found
