"""The paths of an image of packages and what was left out of it, for its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lissom.distroless.evidence.provenance import Member, Provenance
from lissom.report.path_columns import PathRow, columns

__all__ = ["MADE", "packages_of", "paths"]

MADE = "made for this image"
_WORDS = {
    "before": "with whole packages",
    "after": "in the image",
    "stays": "There",
    "gone": "Left out",
    "unasked": "not told",
}


def paths(told: Provenance) -> dict[str, Any]:
    """The columns of all paths; reasons are the packages in the order of ``packages_of``."""
    return columns(_rows(told), packages_of(told), MADE, _WORDS)


def packages_of(told: Provenance) -> Mapping[str, str]:
    """Versions, and why each package is there, by name, the largest first; last what belongs to none."""
    ordered = sorted(told.packages, key=lambda member: (-member.size, member.name))
    return {member.name: f"{member.version}; {_why(told, member)}" for member in ordered} | {
        MADE: "accounts, settings, caches, what the spec states"
    }


def _why(told: Provenance, member: Member) -> str:
    chain = told.chain(member.name)
    asked = f"asked for: {chain[-1].wish}" if chain[-1].wish else "of the lock"
    needed = [f"{above.name} needs it" for above in chain[1:]]
    return ", ".join([*needed, asked])


def _rows(told: Provenance) -> Iterator[PathRow]:
    for row in told.present:
        owner = f"{row.package} {told.members[row.package].version}" if row.package in told.members else ""
        yield PathRow(row.path, row.size, row.size, row.package or MADE, row.kind, owner, row.reason)
    for left in told.left_out:
        owner = f"{left.package} {told.members[left.package].version}" if left.package in told.members else ""
        yield PathRow(left.path, left.size, 0, None, left.kind, owner, left.reason)
