"""Why paths of a slimmed image stay, or that they went, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lissom.report.terminal import size, table
from lissom.slim.account import Account, Kept, Removed

__all__ = ["chain_text", "removed_text", "rows_json", "rows_text"]

Shown = Callable[[str], str]
"""Makes names of strangers harmless."""


def chain_text(account: Account, chain: Sequence[Kept], shown: Shown) -> str:
    """Why one path stays: a line for each step, from the path up to what was there first."""
    first = chain[0]
    lines = [shown(f"/{first.path}") + f" stays: {_weight(first.size, first.kind)}{_of(first.package)}"]
    if first.size < first.original:
        lines[0] += f" ({size(first.original)} before)"
    rows = [
        [f"  {kept.reason}", shown(_because(account, kept)) or "-", account.rules.get(kept.reason, "")]
        for kept in chain
    ]
    return "\n".join([*lines, "", table(["  REASON", "BECAUSE OF", "WHAT IT MEANS"], rows)])


def removed_text(removed: Removed, image: str, shown: Shown) -> str:
    """That one path went, and what would keep it."""
    cause = removed.reason or "nothing was seen to use it, and no rule reached it"
    path = shown(f"/{removed.path}")
    return (
        f"{path} was removed: {_weight(removed.size, removed.kind)}{_of(removed.package)}\n"
        f"  {shown(cause)}\n\n"
        f"`lissom slim --keep '{path}' {image}` keeps it"
    )


def rows_text(
    account: Account, kept: Sequence[Kept], removed: Sequence[Removed], shown: Shown, *, limit: int | None
) -> str:
    """A table of paths, the largest first, at most ``limit`` of them, and their sum."""
    every: list[Kept | Removed] = [*kept, *removed]
    rows = sorted(every, key=lambda row: (-row.size, row.path))
    lines = [_row(account, row, shown) for row in (rows if limit is None else rows[:limit])]
    total = (
        f"{len(kept):,} stay ({size(sum(row.size for row in kept))}), "
        f"{len(removed):,} went ({size(sum(row.size for row in removed))})"
    )
    more = [] if limit is None or len(rows) <= limit else [f"… and {len(rows) - limit} more: --all shows them"]
    return "\n".join([table(["PATH", "SIZE", "REASON", "BECAUSE OF"], lines), *more, "", total])


def _row(account: Account, row: Kept | Removed, shown: Shown) -> list[str]:
    if isinstance(row, Kept):
        return [shown(f"/{row.path}"), size(row.size), row.reason, shown(_because(account, row))]
    return [shown(f"/{row.path}"), size(row.size), "removed", shown(row.reason or row.package)]


def rows_json(account: Account, rows: Sequence[Kept | Removed]) -> list[dict[str, Any]]:
    """The same as JSON objects; a path that stays has the whole chain of its reasons."""
    return [_object(account, row) for row in rows]


def _object(account: Account, row: Kept | Removed) -> dict[str, Any]:
    found: dict[str, Any] = {
        "path": f"/{row.path}", "stays": isinstance(row, Kept), "kind": row.kind, "size": row.size,
        "package": row.package,
    }  # fmt: skip
    if isinstance(row, Removed):
        return {**found, "reason": row.reason}
    chain = [
        {"path": f"/{kept.path}", "reason": kept.reason, "because_of": _because(account, kept)}
        for kept in account.chain(row.path)
    ]
    return {**found, "original": row.original, "reason": row.reason, "says": account.rules.get(row.reason, ""),
            "chain": chain}  # fmt: skip


def _because(account: Account, kept: Kept) -> str:
    return f"/{kept.because_of}" if kept.because_of in account.kept_paths else kept.because_of


def _weight(count: int, kind: str) -> str:
    return size(count) if kind == "file" else "another name of a file" if kind == "hardlink" else f"a {kind}"


def _of(package: str) -> str:
    return f" of {package}" if package else ""
