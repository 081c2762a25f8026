"""Shares become waste: each byte once, under the first kind that fits."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from lissom.analysis.ledger.kinds import by_package, by_place
from lissom.analysis.ledger.looked import Symbols
from lissom.analysis.ledger.share import Fate, Share, Waste, WasteKind

__all__ = ["classify", "wastes"]

_HIDDEN = {
    Fate.OVERWRITTEN: WasteKind.OVERWRITTEN,
    Fate.REWRITTEN: WasteKind.REWRITTEN,
    Fate.DELETED: WasteKind.DELETED,
}
_PATHS = 20
_SAME, _LOWER = "in the same layer", "in a lower layer"
_DEBUG_SECTIONS = "debug sections"
_SYMBOL_TABLES = "symbol tables"
_ORDER = {kind: number for number, kind in enumerate(WasteKind)}


def classify(shares: Sequence[Share], unreached: frozenset[str], symbols: Mapping[tuple[int, str], Symbols]) -> None:
    """Give every share its kind of waste, if any. ``unreached`` are packages that nothing at run time reaches;
    ``symbols`` are by layer and path.
    """
    _note_copies(shares)
    for share in shares:
        if not share.size:
            continue
        if share.fate is not Fate.LIVE:
            _set(share, _HIDDEN[share.fate], share.detail or (share.how.value if share.how else ""))
        elif share.secret and not share.secret.endswith("repository"):
            _set(share, WasteKind.SECRET, share.secret)
        elif share.same_as:
            _set(share, WasteKind.DUPLICATE, share.detail)
        else:
            _set_live(share, unreached, symbols.get((share.layer, share.path)))


def _set(share: Share, kind: WasteKind, detail: str) -> None:
    share.waste, share.wasted, share.detail = kind, share.size, detail


def _set_live(share: Share, unreached: frozenset[str], symbols: Symbols | None) -> None:
    found = min(
        (one for one in (by_place(share.path), by_package(share.package)) if one is not None),
        key=lambda one: _ORDER[one[0]],
        default=None,
    )
    if found is not None:
        _set(share, *found)
    elif symbols is not None and share.package not in unreached:
        share.waste = WasteKind.DEBUG
        share.wasted = min(symbols.debug + symbols.table, share.size)
        share.detail = _DEBUG_SECTIONS if symbols.debug else _SYMBOL_TABLES
    elif share.package in unreached:
        _set(share, WasteKind.UNREACHED, share.package.partition(" ")[2])


def _note_copies(shares: Sequence[Share]) -> None:
    """``same_as`` of live files whose content another has before them, and of hidden ones whose content is live."""
    first: dict[bytes, Share] = {}
    for share in shares:
        if share.fate is Fate.LIVE and share.size and share.digest:
            one = first.setdefault(share.digest, share)
            if one is not share:
                share.same_as, share.detail = one.path, _SAME if one.layer == share.layer else _LOWER
    for share in shares:
        if share.fate is not Fate.LIVE and share.size and share.digest in first:
            share.same_as = first[share.digest].path


def wastes(shares: Iterable[Share], symbols: Mapping[tuple[int, str], Symbols]) -> tuple[Waste, ...]:
    """The rows of waste, largest first."""
    groups: dict[tuple[WasteKind, int, int | None, str], list[tuple[int, str]]] = {}
    for share in shares:
        if share.waste is None or not share.wasted:
            continue
        for detail, size in _parts(share, symbols):
            groups.setdefault((share.waste, share.layer, share.hidden_by, detail), []).append((size, share.path))
    rows = [
        Waste(
            kind,
            layer,
            hidden_by,
            sum(size for size, _ in found),
            len(found),
            tuple(path for _, path in heapq.nsmallest(_PATHS, found, key=lambda one: (-one[0], one[1]))),
            detail,
        )
        for (kind, layer, hidden_by, detail), found in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.size, _ORDER[row.kind], row.layer, row.detail)))


def _parts(share: Share, symbols: Mapping[tuple[int, str], Symbols]) -> list[tuple[str, int]]:
    found = symbols.get((share.layer, share.path))
    if share.detail not in (_DEBUG_SECTIONS, _SYMBOL_TABLES) or found is None:
        return [(share.detail, share.wasted)]
    debug = min(found.debug, share.wasted)
    parts = [(_DEBUG_SECTIONS, debug), (_SYMBOL_TABLES, share.wasted - debug)]
    return [(detail, size) for detail, size in parts if size]
