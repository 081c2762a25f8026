"""Which known name was meant, where there are few enough to look through."""

from __future__ import annotations

from collections.abc import Collection

from lissom.dockerfile.fault import nearest

__all__ = ["guess"]

_MOST = 100  # comparing names is slow, and files with more of them are no one's


def guess(name: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant; None also when there are very many."""
    return nearest(name, known) if len(known) <= _MOST else None
