"""What a ledger amounts to by layer: bytes added, alive at the end, and hidden by which later layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lissom.analysis.ledger.share import Fate, LayerShare, Ledger, WasteKind
from lissom.report.instruction_text import instruction_text

__all__ = ["Row", "merged", "place_of", "rows_of", "short_place"]

Key = TypeVar("Key")


@dataclass(frozen=True)
class Row:
    """One layer, or several together, and what became of the bytes that they added.

    ``place`` is the line that made it, as ``short_place`` says it. ``hidden`` are bytes by the number of the layer that
    hides them; ``waste`` by kind, hidden ones among them.
    """

    layers: tuple[int, ...]
    text: str
    place: str
    size: int
    live: int
    compressed: int
    files: int
    hidden: Mapping[int, int]
    waste: Mapping[WasteKind, int]
    base: bool = False


def rows_of(ledger: Ledger) -> tuple[Row, ...]:
    """A row for each layer, bottom first; their sums are those of the ledger."""
    hidden: list[Counter[int]] = [Counter() for _ in ledger.layers]
    waste: list[Counter[WasteKind]] = [Counter() for _ in ledger.layers]
    for share in ledger.shares:
        if share.fate is not Fate.LIVE and share.hidden_by is not None and share.size:
            hidden[share.layer][share.hidden_by] += share.size
        if share.waste is not None:
            waste[share.layer][share.waste] += share.wasted
    return tuple(_row(ledger, layer, hidden[layer.number], waste[layer.number]) for layer in ledger.layers)


def _row(ledger: Ledger, layer: LayerShare, hidden: Mapping[int, int], waste: Mapping[WasteKind, int]) -> Row:
    step = ledger.step_of(layer.number)
    return Row(
        (layer.number,), instruction_text(step.created_by if step else ""), short_place(ledger, layer.number),
        layer.size, layer.live, layer.compressed, layer.files, hidden, waste, layer.base,
    )  # fmt: skip


def merged(rows: Sequence[Row], text: str, place: str = "") -> Row:
    """Several rows as one that is called ``text``; what one of them hides of another counts as hidden by it."""
    return Row(
        tuple(layer for row in rows for layer in row.layers),
        text,
        place,
        sum(row.size for row in rows),
        sum(row.live for row in rows),
        sum(row.compressed for row in rows),
        sum(row.files for row in rows),
        _sum(row.hidden for row in rows),
        _sum(row.waste for row in rows),
        all(row.base for row in rows),
    )


def place_of(ledger: Ledger, layer: int) -> str:
    """Where a layer comes from, in words: ``line 7``, ``lines 3-6``, ``base image``, ``layer 4`` (counted from 1)."""
    step = ledger.step_of(layer)
    if step is not None and step.lines:
        first, last = step.lines
        return f"line {first}" if first == last else f"lines {first}-{last}"
    return "base image" if ledger.layers[layer].base else f"layer {layer + 1}"


def short_place(ledger: Ledger, layer: int) -> str:
    """``7``, ``3-6``, ``base``, or ``layer 4`` (counted from 1); ``4`` where no line is known of any."""
    place = place_of(ledger, layer).removeprefix("lines ").removeprefix("line ").removesuffix(" image")
    return place if any(step.lines for step in ledger.steps) else place.removeprefix("layer ")


def _sum(counts: Iterable[Mapping[Key, int]]) -> dict[Key, int]:
    found: Counter[Key] = Counter()
    for count in counts:
        found.update(count)
    return dict(found)
