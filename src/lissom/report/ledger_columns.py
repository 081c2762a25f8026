"""The files of a ledger in few bytes, for a page: columns over a tree of directories."""

from __future__ import annotations

from typing import Any

from lissom.analysis.ledger.share import Fate, How, Ledger, Share, WasteKind
from lissom.report.harmless import harmless
from lissom.report.ledger_sums import place_of, rows_of
from lissom.report.waste_action import title_of
from lissom.rootfs.entry import parent_of

__all__ = ["columns"]

_KINDS = list(WasteKind)
_FATES = list(Fate)
_HOWS = list(How)


def columns(ledger: Ledger) -> dict[str, Any]:
    """Directories, parents first: ``dn`` names, ``dp`` parents. Files: ``n`` names, ``d`` directories, ``s`` bytes,
    ``l`` layers, ``x`` fates, ``h`` layers that hide them (-1), ``g`` packages, ``w`` kinds of waste (-1), ``t`` what
    it is more exactly and ``q`` at which path it is hidden (both in ``texts``; 0: nothing to say).

    By number of the file, where there is something to say: ``wasted`` bytes that are not all of it, ``same`` the path
    with the same content, ``links`` the name that carries the bytes, ``how`` it is hidden (in ``hows``), ``secrets``.
    A column of numbers may be ``{"runs": [value, how often, …]}``.
    """
    directories: dict[str, int] = {"": 0}
    packages: dict[str, int] = {"": 0}
    texts: dict[str, int] = {"": 0}
    found: dict[str, list[Any]] = {name: [] for name in ("n", "d", "s", "l", "x", "h", "g", "w", "t", "q")}
    for share in ledger.shares:
        found["n"].append(harmless(share.path.rpartition("/")[2]))
        found["d"].append(_directory(directories, parent_of(share.path)))
        found["s"].append(share.size)
        found["l"].append(share.layer)
        found["x"].append(_FATES.index(share.fate))
        found["h"].append(-1 if share.hidden_by is None else share.hidden_by)
        found["g"].append(packages.setdefault(share.package, len(packages)))
        found["w"].append(-1 if share.waste is None else _KINDS.index(share.waste))
        found["t"].append(texts.setdefault(share.detail, len(texts)))
        at = "" if share.hidden_at == share.path else share.hidden_at
        found["q"].append(texts.setdefault(at, len(texts)))
    return {
        **{name: values if name in ("n", "s") else _runs(values) for name, values in found.items()},
        **_rare(ledger.shares),
        "dn": [harmless(path.rpartition("/")[2]) for path in directories],
        "dp": [directories[parent_of(path)] for path in directories],
        "packages": [harmless(name) for name in packages],
        "texts": [harmless(text) for text in texts],
        "kinds": [title_of(kind) for kind in _KINDS],
        "hows": [how.value for how in _HOWS],
        "fates": [fate.value for fate in _FATES],
        "layers": _layers(ledger),
    }


def _directory(numbers: dict[str, int], path: str) -> int:
    """The number of a directory; its parents get theirs before it."""
    missing = []
    while path not in numbers:
        missing.append(path)
        path = parent_of(path)
    for directory in reversed(missing):
        numbers[directory] = len(numbers)
    return len(numbers) - 1 if missing else numbers[path]


def _runs(values: list[int]) -> list[int] | dict[str, list[int]]:
    """Equal neighbours once and how often, where that is shorter."""
    runs: list[int] = []
    for value in values:
        if runs and runs[-2] == value:
            runs[-1] += 1
        else:
            runs += [value, 1]
    return {"runs": runs} if len(runs) < len(values) else values


def _rare(shares: tuple[Share, ...]) -> dict[str, dict[int, Any]]:
    found: dict[str, dict[int, Any]] = {name: {} for name in ("wasted", "same", "links", "how", "secrets")}
    for number, share in enumerate(shares):
        if share.waste is not None and share.wasted != share.size:
            found["wasted"][number] = share.wasted
        if share.same_as:
            found["same"][number] = harmless(share.same_as)
        if share.link:
            found["links"][number] = harmless(share.link)
        if share.how is not None:
            found["how"][number] = _HOWS.index(share.how)
        if share.secret:
            found["secrets"][number] = harmless(share.secret)
    return found


def _layers(ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {
            "place": place_of(ledger, row.layers[0]),
            "text": row.text,
            "size": row.size,
            "live": row.live,
            "base": row.base,
        }
        for row in rows_of(ledger)
    ]
