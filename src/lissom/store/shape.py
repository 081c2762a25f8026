"""What is asked of a delta so often that its list of entries is not read for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lissom.rootfs.entry import Kind, parent_of
from lissom.rootfs.tree import Changeset

__all__ = ["Shape"]


@dataclass(frozen=True, slots=True)
class Shape:
    """``empty``: it changes nothing. ``closed``: it brings every directory that it needs, and is the same over every
    lower tree. ``size``: bytes of its files, a file with several names counted once.
    """

    empty: bool
    closed: bool
    size: int

    @classmethod
    def of(cls, changeset: Changeset) -> Shape:
        """The shape of ``changeset``."""
        empty = not (changeset.whiteouts or changeset.opaques or any(changeset.entries))
        sizes = {entry.inode or path: entry.size for path, entry in changeset.entries.items()}
        return cls(empty, _closed(changeset), sum(sizes.values()))

    @classmethod
    def parse(cls, document: Any) -> Shape | None:
        """Read ``to_json``'s form; None for anything else."""
        try:
            return cls(bool(document["empty"]), bool(document["closed"]), int(document["size"]))
        except (KeyError, TypeError, ValueError):
            return None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def _closed(changeset: Changeset) -> bool:
    entries = changeset.entries
    for path in (*entries, *changeset.whiteouts, *changeset.opaques):
        above = parent_of(path)
        if above and (above not in entries or not entries[above].is_directory):
            return False
    if not all(path in entries or not path for path in changeset.opaques):
        return False
    return not any(entry.kind is Kind.HARDLINK for entry in entries.values())
