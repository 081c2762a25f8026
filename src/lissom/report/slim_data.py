"""The paths of an account of a slim, for its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lissom.report.path_columns import PathRow, columns
from lissom.slim.account import Account

__all__ = ["paths"]

_WORDS = {
    "before": "before",
    "after": "stay",
    "stays": "Stays",
    "gone": "Removed",
    "unasked": "nothing was seen to use it, and no rule reached it",
}


def paths(account: Account) -> dict[str, Any]:
    """The columns of all paths of the two images; reasons in the order of ``account.groups``."""
    reasons = {group.reason: account.rules.get(group.reason, "") for group in account.groups}
    return columns(_rows(account), reasons, "root", _WORDS)


def _rows(account: Account) -> Iterator[PathRow]:
    for kept in account.kept:
        yield PathRow(kept.path, kept.original, kept.size, kept.reason, kept.kind, kept.package, kept.because_of)
    for removed in account.removed:
        yield PathRow(removed.path, removed.size, 0, None, removed.kind, removed.package, removed.reason)
