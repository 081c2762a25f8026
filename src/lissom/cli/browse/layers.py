"""What a layer does to the files below it, and the tree as it is after a layer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lissom.analysis.ledger.share import Ledger, Share, WasteKind
from lissom.cli.browse.node import Leaf, Mark
from lissom.report.waste_action import title_of

__all__ = ["Layers", "Shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be seen: marks, waste of one kind or of ``any`` (None: all files), paths that an expression finds;
    ``whole``: all layers up to the chosen one, not only it.
    """

    marks: frozenset[Mark] = frozenset(Mark)
    waste: WasteKind | str | None = None
    pattern: re.Pattern[str] | None = field(default=None)
    whole: bool = False

    def holds(self, leaf: Leaf, share: Share) -> bool:
        return (
            leaf.mark in self.marks
            and (self.waste is None or share.waste is self.waste or (self.waste == "any" and share.waste is not None))
            and (self.pattern is None or self.pattern.search(f"/{leaf.path}") is not None)
        )


class Layers:
    """The shares of a ledger by layer."""

    def __init__(self, ledger: Ledger) -> None:
        self._of: defaultdict[int, list[Share]] = defaultdict(list)
        self._hidden: defaultdict[int, list[Share]] = defaultdict(list)
        for share in ledger.shares:
            self._of[share.layer].append(share)
            if share.hidden_by is not None:
                self._hidden[share.hidden_by].append(share)

    def leaves(self, layer: int, shown: Shown) -> Iterator[Leaf]:
        """What is to be seen at ``layer``: files that it adds, changes and removes; with ``whole`` all others too."""
        for leaf, share in self._all(layer, whole=shown.whole):
            if shown.holds(leaf, share):
                yield leaf

    def _all(self, layer: int, *, whole: bool) -> Iterator[tuple[Leaf, Share]]:
        own = {share.path for share in self._of[layer]}
        before = {share.path for share in self._hidden[layer]}
        for share in self._of[layer]:
            yield _leaf(share, Mark.CHANGED if share.path in before else Mark.ADDED), share
        for share in self._hidden[layer]:
            if share.path not in own:
                yield _leaf(share, Mark.REMOVED), share
        for number in range(layer if whole else 0):
            for share in self._of[number]:
                if share.hidden_by is None or share.hidden_by > layer:
                    yield _leaf(share, Mark.SAME), share


def _leaf(share: Share, mark: Mark) -> Leaf:
    waste = "" if share.waste is None else title_of(share.waste, share.detail)
    return Leaf(share.path, share.size, mark, waste, share)
