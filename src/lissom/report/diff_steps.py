"""What grew between two images by instruction: the steps of both side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

from lissom.analysis.ledger.share import Ledger
from lissom.report.growth import signed
from lissom.report.ledger_sums import Row, merged, rows_of
from lissom.report.terminal import size, table

__all__ = ["StepPair", "step_pairs", "steps_json", "steps_text"]

_CONTENT = re.compile(r"\b(file|dir|multi):[0-9a-f]{8,}")
_WIDTH = 60


@dataclass(frozen=True, slots=True)
class StepPair:
    """One step before and after: bytes that it adds, and the line; None where there is no such step."""

    text: str
    before: int | None
    after: int | None
    place_before: str = ""
    place_after: str = ""

    @property
    def growth(self) -> int:
        return (self.after or 0) - (self.before or 0)


def step_pairs(before: Ledger, after: Ledger) -> list[StepPair]:
    """The steps of both, in order; their bytes sum to those of the images' layers. Equal instructions are one step; of
    instructions that changed those are one that stand at the same place and begin with the same word.
    """
    old, new = _rows(before), _rows(after)
    matcher = SequenceMatcher(None, [_key(row) for row in old], [_key(row) for row in new], autojunk=False)
    return [pair for _, a, b, c, d in matcher.get_opcodes() for pair in _paired(old[a:b], new[c:d])]


def _rows(ledger: Ledger) -> list[Row]:
    """The base image is one row."""
    rows = rows_of(ledger)
    base = [row for row in rows if row.base]
    return [*([merged(base, "base image", "base")] if base else []), *(row for row in rows if not row.base)]


def _key(row: Row) -> str:
    return _CONTENT.sub(r"\1", row.text)


def _paired(left: Sequence[Row], right: Sequence[Row]) -> Iterator[StepPair]:
    for one, other in zip(left, right, strict=False):
        if one.text.partition(" ")[0] == other.text.partition(" ")[0]:
            yield StepPair(other.text, one.size, other.size, one.place, other.place)
        else:
            yield StepPair(one.text, one.size, None, one.place)
            yield StepPair(other.text, None, other.size, "", other.place)
    both = min(len(left), len(right))
    yield from (StepPair(row.text, row.size, None, row.place) for row in left[both:])
    yield from (StepPair(row.text, None, row.size, "", row.place) for row in right[both:])


def steps_json(pairs: Sequence[StepPair]) -> list[dict[str, Any]]:
    """As JSON: ``text`` of the instruction, bytes and lines before and after, ``growth``."""
    return [{**asdict(pair), "growth": pair.growth} for pair in pairs]


def steps_text(pairs: Sequence[StepPair], shown: Callable[[str], str]) -> str:
    """A table of the steps that add bytes in either image."""
    rows = [_cells(pair, shown) for pair in pairs if pair.before or pair.after]
    lines = table(["BEFORE", "AFTER", "CHANGE", "LINE", "INSTRUCTION"], rows).splitlines()
    return "\n".join(["steps", *(f"  {line}" for line in lines)])


def _cells(pair: StepPair, shown: Callable[[str], str]) -> list[str]:
    text = shown(pair.text if len(pair.text) <= _WIDTH else f"{pair.text[: _WIDTH - 1]}…")
    place = pair.place_after or pair.place_before
    return [_size(pair.before), _size(pair.after), signed(pair.growth) or "=", place, text]


def _size(count: int | None) -> str:
    return "-" if count is None else size(count)
