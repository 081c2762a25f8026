"""The paths of an account in few bytes, for the page: columns over a tree of names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from lissom.report.harmless import harmless
from lissom.rootfs.entry import parent_of
from lissom.slim.account import Account, Kept, Removed

__all__ = ["embedded", "paths"]

_KINDS = ("directory", "file", "symlink", "hardlink", "character", "block", "fifo")


def paths(account: Account) -> dict[str, Any]:
    """Columns with a value for each path, parents first; the first path is the root.

    ``n`` names, ``p`` parents by number, ``b`` and ``a`` bytes before and after, ``r`` the number of the reason (in
    ``reasons``; -1: it went), ``k`` the kind (in ``kinds``), ``g`` the package (in ``packages``), ``w`` what led to it:
    the number of a path, or -1 - that of a text (in ``texts``; the first is empty).
    """
    rows: dict[str, Kept | Removed | None] = {"": None}
    every: list[Kept | Removed] = [*account.kept, *account.removed]
    for one in sorted(every, key=lambda row: row.path.split("/")):
        _with_parents(rows, one.path)
        rows[one.path] = one
    numbers = {path: number for number, path in enumerate(rows)}
    reasons = _Table(group.reason for group in account.groups)
    packages, texts = _Table([""]), _Table([""])
    columns: dict[str, list[Any]] = {name: [] for name in "npbarkgw"}
    for path, row in rows.items():
        kept = row if isinstance(row, Kept) else None
        gone = row if isinstance(row, Removed) else None
        kind, package = (row.kind, row.package) if row is not None else ("directory", "")
        columns["n"].append(harmless(path.rpartition("/")[2]))
        columns["p"].append(numbers[parent_of(path)])
        columns["b"].append(kept.original if kept else gone.size if gone else 0)
        columns["a"].append(kept.size if kept else 0)
        columns["r"].append(reasons.number(kept.reason) if kept else -1)
        columns["k"].append(_KINDS.index(kind) if kind in _KINDS else 0)
        columns["g"].append(packages.number(package))
        words = kept.because_of if kept else gone.reason if gone else ""
        columns["w"].append(numbers[words] if kept and words in account.kept_paths else -1 - texts.number(words))
    # The root itself stays, whatever is told of it.
    columns["r"][0] = reasons.number("root")
    return {
        **columns,
        "reasons": [{"name": harmless(name), "says": harmless(account.rules.get(name, ""))} for name in reasons.words],
        "packages": [harmless(name) for name in packages.words],
        "texts": [harmless(text) for text in texts.words],
        "kinds": list(_KINDS),
    }


def embedded(document: Any) -> str:
    """JSON that can stand in a script element of a page: nothing in it ends the element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _with_parents(rows: dict[str, Kept | Removed | None], path: str) -> None:
    missing = []
    while (path := parent_of(path)) not in rows:
        missing.append(path)
    for parent in reversed(missing):
        rows[parent] = None


class _Table:
    """Texts by number, each once."""

    def __init__(self, words: Iterable[str]) -> None:
        self._numbers: dict[str, int] = {}
        for word in words:
            self.number(word)

    @property
    def words(self) -> list[str]:
        return list(self._numbers)

    def number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))
