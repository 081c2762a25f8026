"""Limits that do not hold, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lissom.report.harmless import harmless
from lissom.report.paint import Paint
from lissom.report.terminal import size, table

__all__ = ["Over", "budget_text"]


class Over(Protocol):
    """A limit and what was measured, in ``unit``: ``bytes``, ``part`` of 1 or ``count``."""

    @property
    def key(self) -> str: ...
    @property
    def measured(self) -> float: ...
    @property
    def allowed(self) -> float: ...
    @property
    def unit(self) -> str: ...


def budget_text(over: Sequence[Over], paint: Paint) -> str:
    """A row for each: what is limited, what it is, what it may be, by how much it is beyond that."""
    rows = [
        [harmless(one.key), _value(one.measured, one.unit), _value(one.allowed, one.unit), _by(one)] for one in over
    ]
    head, *lines = table(["LIMIT", "IS", "MAY BE", "BEYOND BY"], rows).splitlines()
    count = "1 limit is" if len(over) == 1 else f"{len(over)} limits are"
    return "\n".join([paint("bad", f"{count} exceeded"), paint("head", f"  {head}"), *(f"  {line}" for line in lines)])


def _value(value: float, unit: str) -> str:
    if unit == "part":
        return f"{value:.1%}"
    if unit == "count":
        return f"{value:.0f}"
    return f"-{size(int(-value))}" if value < 0 else size(int(value))


def _by(one: Over) -> str:
    return _value(abs(one.measured - one.allowed), one.unit)
