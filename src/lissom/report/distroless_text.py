"""What an image of packages is made of, for a terminal of a hundred columns."""

from __future__ import annotations

from lissom.distroless.evidence.provenance import LayerRow, Provenance
from lissom.report.harmless import harmless
from lissom.report.terminal import size, table

__all__ = ["needed", "summary"]

_ROWS = 8
_NAME = 24
_WHY = 52


def summary(told: Provenance) -> str:
    """Sizes, the layers and why their packages are together, what was left out by which words of the spec."""
    return "\n\n".join(part for part in (_head(told), _layers(told), _left_out(told)) if part)


def _head(told: Provenance) -> str:
    files = sum(row.kind != "directory" for row in told.present)
    name = _cut(told.name, _NAME + _WHY)
    return (
        f"{name} for {told.platform}: {size(told.size)} in {_count(files, 'file')},"
        f" {size(told.compressed)} compressed\n{_count(len(told.packages), 'package')}, {needed(told)}"
    )


def needed(told: Provenance) -> str:
    """How many packages nobody asked for, in words."""
    count = sum(bool(member.needed_by) for member in told.packages)
    return f"{count:,} of them since others need them" if count else "all of them asked for"


def _layers(told: Provenance) -> str:
    rows = [
        [_cut(layer.name, _NAME), size(layer.size), size(layer.compressed), _cut(_words(layer), _WHY)]
        for layer in told.layers
    ]
    return table(["LAYER", "SIZE", "COMPRESSED", "WHY"], rows)


def _words(layer: LayerRow) -> str:
    together = f" ({len(layer.packages)})" if len(layer.packages) > 1 else ""
    return f"{layer.reason or 'one layer for all'}{together}"


def _left_out(told: Provenance) -> str:
    rows = [[_cut(one.reason, _NAME + _WHY), f"{one.files:,}", size(one.size)] for one in told.savings[:_ROWS]]
    if rest := told.savings[_ROWS:]:
        rows.append([f"{len(rest)} more", f"{sum(one.files for one in rest):,}", size(sum(one.size for one in rest))])
    return table(["LEFT OUT", "FILES", "SIZE"], rows) if rows else ""


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _cut(text: str, width: int) -> str:
    text = harmless(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"
