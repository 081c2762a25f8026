"""Answers to why paths of an image are there, of whatever kind its account is, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from lissom.distroless.evidence.provenance import LeftOut, Present, Provenance
from lissom.report.why_packages import left_out_text, origins_json, origins_text, present_text
from lissom.report.why_slim import chain_text, removed_text, rows_json, rows_text
from lissom.slim.account import Account, Kept, Removed

__all__ = ["why_json", "why_text"]

Row: TypeAlias = Kept | Removed | Present | LeftOut
Shown = Callable[[str], str]
"""Makes names of strangers harmless."""


def why_text(
    told: Account | Provenance, exact: Row | None, rows: Sequence[Row], shown: Shown, *, limit: int | None
) -> str:
    """Why the path ``exact`` is there or not, then a table of ``rows``, at most ``limit`` of them."""
    parts = (
        _slim(told, exact, rows, shown, limit)
        if isinstance(told, Account)
        else _packages(told, exact, rows, shown, limit)
    )
    return "\n\n".join(parts)


def why_json(told: Account | Provenance, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as JSON objects, each with the whole chain of its reasons."""
    if isinstance(told, Account):
        return rows_json(told, [row for row in rows if isinstance(row, Kept | Removed)])
    return origins_json(told, [row for row in rows if isinstance(row, Present | LeftOut)])


def _slim(account: Account, exact: Row | None, rows: Sequence[Row], shown: Shown, limit: int | None) -> Iterator[str]:
    if isinstance(exact, Kept):
        yield chain_text(account, account.chain(exact.path), shown)
    elif isinstance(exact, Removed):
        yield removed_text(exact, account.before.reference, shown)
    if rows:
        kept = [row for row in rows if isinstance(row, Kept)]
        removed = [row for row in rows if isinstance(row, Removed)]
        yield rows_text(account, kept, removed, shown, limit=limit)


def _packages(
    told: Provenance, exact: Row | None, rows: Sequence[Row], shown: Shown, limit: int | None
) -> Iterator[str]:
    if isinstance(exact, Present):
        yield present_text(told, exact, shown)
    elif isinstance(exact, LeftOut):
        yield left_out_text(told, exact, shown)
    if rows:
        yield origins_text(told, [row for row in rows if isinstance(row, Present | LeftOut)], shown, limit=limit)
