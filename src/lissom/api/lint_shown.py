"""What a built image shows of its Dockerfile's waste: rows of the ledger by lines."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.analysis.ledger.share import Ledger
from lissom.lint.subject import Shown

__all__ = ["shown_of"]


def shown_of(ledger: Ledger) -> tuple[Shown, ...]:
    """The waste of every layer whose lines are known."""
    return tuple(_rows(ledger))


def _rows(ledger: Ledger) -> Iterator[Shown]:
    lines = {step.layer: step.lines for step in ledger.steps if step.layer is not None and step.lines is not None}
    for waste in ledger.wastes:
        at = lines.get(waste.layer)
        if at is not None:
            hidden = None if waste.hidden_by is None else lines.get(waste.hidden_by)
            yield Shown(waste.kind.name.lower(), at, waste.size, waste.paths, waste.detail, hidden)
