"""The paths of an account in few bytes, for a page: columns over a tree of names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lissom.report.harmless import harmless
from lissom.rootfs.entry import parent_of

__all__ = ["PathRow", "columns", "embedded"]

_KINDS = ("directory", "file", "symlink", "hardlink", "character", "block", "fifo")


@dataclass(frozen=True, slots=True)
class PathRow:
    """One path for a page: bytes before and after, the reason for which it stays (None: it went), and what led to that:
    another path, if ``cause`` is one of those that stay, or words.
    """

    path: str
    before: int
    after: int
    reason: str | None
    kind: str = "file"
    package: str = ""
    cause: str = ""


def columns(rows: Iterable[PathRow], reasons: Mapping[str, str], root: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Columns with a value for each path, parents first; the first path is the root, which stays as ``root``.

    ``n`` names, ``p`` parents by number, ``b`` and ``a`` bytes before and after, ``r`` the number of the reason (in
    ``reasons``; -1: it went), ``k`` the kind (in ``kinds``), ``g`` the package (in ``packages``), ``w`` what led to it:
    the number of a path, or -1 - that of a text (in ``texts``; the first is empty). ``reasons`` are sentences by name.
    ``words`` are the page's: ``before``, ``after``, ``stays``, ``gone``, and ``unasked`` where no cause is known.
    """
    by_path: dict[str, PathRow | None] = {"": None}
    for one in sorted(rows, key=lambda row: row.path.split("/")):
        _with_parents(by_path, one.path)
        by_path[one.path] = one
    numbers = {path: number for number, path in enumerate(by_path)}
    stays = {path for path, row in by_path.items() if row is not None and row.reason is not None}
    names, packages, texts = _Table(reasons), _Table([""]), _Table([""])
    found: dict[str, list[Any]] = {name: [] for name in "npbarkgw"}
    for path, row in by_path.items():
        row = row or PathRow(path, 0, 0, None, "directory")  # noqa: PLW2901 - a directory of which nothing is told
        found["n"].append(harmless(path.rpartition("/")[2]))
        found["p"].append(numbers[parent_of(path)])
        found["b"].append(row.before)
        found["a"].append(row.after)
        found["r"].append(-1 if row.reason is None else names.number(row.reason))
        found["k"].append(_KINDS.index(row.kind) if row.kind in _KINDS else 0)
        found["g"].append(packages.number(row.package))
        to_path = row.reason is not None and row.cause in stays
        found["w"].append(numbers[row.cause] if to_path else -1 - texts.number(row.cause))
    found["r"][0] = names.number(root)
    return {
        **found,
        "reasons": [{"name": harmless(name), "says": harmless(reasons.get(name, ""))} for name in names.words],
        "packages": [harmless(name) for name in packages.words],
        "texts": [harmless(text) for text in texts.words],
        "kinds": list(_KINDS),
        "words": dict(words),
    }


def embedded(document: Any) -> str:
    """JSON that can stand in a script element of a page: nothing in it ends the element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _with_parents(rows: dict[str, PathRow | None], path: str) -> None:
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
