"""Waste in few rows: one for each kind that a step added and another hides, the base image's layers together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lissom.analysis.ledger.share import Ledger, Waste, WasteKind
from lissom.report.waste_action import title_of

__all__ = ["WasteRow", "waste_rows"]

_HIDDEN = (WasteKind.OVERWRITTEN, WasteKind.REWRITTEN, WasteKind.DELETED)
_EXACT = (WasteKind.PACKAGE_LISTS, WasteKind.LANGUAGE_CACHE, WasteKind.VCS)
"""Kinds of which each detail is a row: what to do differs."""

_PATHS = 10


@dataclass(frozen=True, slots=True)
class WasteRow:
    """``waste`` is the sum; ``details`` are what it is more exactly, with bytes, largest first (one with the title's
    words is left out).
    """

    waste: Waste
    title: str
    details: tuple[tuple[str, int], ...]


def waste_rows(ledger: Ledger) -> list[WasteRow]:
    """The largest first; their sums are those of the ledger."""
    groups: dict[tuple[object, ...], list[Waste]] = {}
    for waste in ledger.wastes:
        hidden_by = waste.hidden_by
        place = "base" if ledger.layers[waste.layer].base else waste.layer
        if place == "base" and hidden_by is not None and ledger.layers[hidden_by].base:
            hidden_by = -1
        detail = waste.detail if waste.kind in _EXACT else ""
        groups.setdefault((waste.kind, place, hidden_by, detail), []).append(waste)
    rows = [_row(group, detail) for (*_, detail), group in groups.items()]
    return sorted(rows, key=lambda row: -row.waste.size)


def _row(group: list[Waste], detail: object) -> WasteRow:
    first = max(group, key=lambda waste: waste.size)
    whole = replace(
        first,
        size=sum(waste.size for waste in group),
        count=sum(waste.count for waste in group),
        paths=_largest(group),
        detail=str(detail),
    )
    details = Counter[str]()
    for waste in group if first.kind not in _HIDDEN and not detail else ():
        details[waste.detail] += waste.size
    named = tuple((name, size) for name, size in details.most_common() if name)
    return WasteRow(whole, title_of(first.kind, str(detail)), named)


def _largest(group: Iterable[Waste]) -> tuple[str, ...]:
    ordered = sorted(group, key=lambda waste: -waste.size)
    return tuple(path for waste in ordered for path in waste.paths)[:_PATHS]
