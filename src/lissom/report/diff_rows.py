"""The difference between two images path by path and package by package, for its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lissom.analysis.comparison import Difference
from lissom.report.diff_text import words_of
from lissom.report.path_columns import PathRow, columns

__all__ = ["Owned", "owned", "paths"]

_WORDS = {
    "before": "before",
    "after": "after",
    "stays": "In the second image",
    "gone": "Removed",
    "unasked": "only the first image has it",
}
_REASONS = {"same": "", "changed": "", "added": "Only the second image has it."}
_COLOURS = ["var(--calm)", "var(--changed)", "var(--added)"]


@dataclass(frozen=True, slots=True)
class Owned:
    """Bytes of a package's files before and after; the empty name holds what no package owns."""

    package: str
    before: int
    after: int


def owned(found: Difference) -> list[Owned]:
    """Packages whose bytes differ, those first that grew most; those of all packages sum to the images' sizes."""
    sums: dict[str, list[int]] = {}
    for side, sizes in enumerate(found.sizes):
        for path, size in sizes.items():
            sums.setdefault(found.owners.get(path, ""), [0, 0])[side] += size
    rows = [Owned(package, *both) for package, both in sums.items() if both[0] != both[1]]
    return sorted(rows, key=lambda row: (row.before - row.after, row.package))


def paths(found: Difference) -> dict[str, Any]:
    """The columns of all paths of the two images."""
    return {
        **columns(_rows(found), _REASONS, "same", _WORDS),
        "colours": _COLOURS,
        "fresh": list(_REASONS).index("added"),
    }


def _rows(found: Difference) -> Iterator[PathRow]:
    before, after = found.sizes
    for change in found.files:
        entry = change.after or change.before
        kind = entry.kind.value if entry is not None else "file"
        reason = {"+": "added", "~": "changed", "-": None}[change.sign]
        yield PathRow(
            change.path, before.get(change.path, 0), after.get(change.path, 0), reason, kind,
            found.owners.get(change.path, ""), ", ".join(words_of(change)),
        )  # fmt: skip
    changed = {change.path for change in found.files}
    for path, size in after.items():
        if path not in changed:
            yield PathRow(path, before.get(path, 0), size, "same", "file", found.owners.get(path, ""))
