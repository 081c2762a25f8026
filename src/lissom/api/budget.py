"""How large an image may be, and how wasteful: limits, held against a ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lissom.analysis.ledger.share import Effort, Fate, Ledger, Share, WasteKind
from lissom.context.glob import ignore_expression
from lissom.errors import UsageError

__all__ = ["KEYS", "Budget", "Exceeded", "Limit", "exceeded", "limit_of"]

_CACHES = (WasteKind.PACKAGE_LISTS, WasteKind.LANGUAGE_CACHE)
_KINDS = {kind.name.lower().replace("_", "-"): kind for kind in WasteKind}
_EFFORTS = tuple(effort.name.lower() for effort in Effort)
_FLOORS = ("efficiency", "dive-efficiency")
_SHARES = (*_FLOORS, "dive-user-wasted")
_UNITS = {
    f"{letter}{i}": (1024 if i else 1000) ** power for power, letter in enumerate(("", *"kmgt")) for i in ("", "i")
}
_NUMBER = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*(?:(%)|([kmgt]i?)?(b)?)", re.IGNORECASE)

_SIZES: Mapping[str, Callable[[Ledger], float]] = {
    "total": lambda ledger: ledger.size,
    "live": lambda ledger: ledger.live,
    "hidden": lambda ledger: ledger.size - ledger.live,
    "compressed": lambda ledger: ledger.compressed,
    "marginal": lambda ledger: ledger.marginal,
    "layers": lambda ledger: len(ledger.layers),
    "efficiency": lambda ledger: ledger.efficiency,
    "dive-efficiency": lambda ledger: ledger.dive_efficiency,
    "dive-wasted": lambda ledger: ledger.dive_wasted,
    "dive-user-wasted": lambda ledger: ledger.dive_wasted / (sum(one.size for one in ledger.layers[1:]) or 1),
}

KEYS = (*_SIZES, "waste", "caches", *_KINDS, "above", "growth")
"""What may be limited, beside ``waste.EFFORT``, ``caches.NAME``, ``above.KEY``, ``growth.KEY`` and directories."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that ``key`` may be (the least, for an efficiency): bytes, a number, or a part of 1 with ``part``."""

    key: str
    value: float
    part: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits, and globs of paths whose waste is not counted."""

    limits: tuple[Limit, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that does not hold: what was measured, and the limit in the same unit."""

    key: str
    measured: float
    allowed: float
    unit: str
    """``bytes``, ``part`` of 1, or ``count``."""


def limit_of(key: str, text: str) -> Limit:
    """A limit as people write it: ``200MB``, ``1.5GiB``, ``10%``, ``0.95``. Raises UsageError."""
    _check(key)
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        raise UsageError(
            f"cannot use limit `{key}={text}`: `{text}` is no size", hint="write 200MB, 1.5GiB, 10% or a number"
        )
    number, percent, unit, _ = found.groups()
    value = float(number)
    if key in _SHARES:
        value = value / 100 if percent or value > 1 else value
        return Limit(key, value)
    if percent and key != "layers":
        return Limit(key, value / 100, part=True)
    if percent:
        raise UsageError(f"cannot use limit `{key}={text}`: layers are counted")
    return Limit(key, value * _UNITS[(unit or "").lower()])


def exceeded(budget: Budget, ledger: Ledger, baseline: Ledger | None = None) -> tuple[Exceeded, ...]:
    """The limits that ``ledger`` does not keep. Growth is against ``baseline``; without one UsageError is raised."""
    expressions = [re.compile(ignore_expression(glob.strip("/"))) for glob in budget.ignore]

    def counts(share: Share) -> bool:
        return not any(expression.fullmatch(share.path) for expression in expressions)

    found = (_held(limit, ledger, baseline, counts) for limit in budget.limits)
    return tuple(one for one in found if one is not None)


def _held(limit: Limit, ledger: Ledger, baseline: Ledger | None, counts: Callable[[Share], bool]) -> Exceeded | None:
    key, whole = limit.key, float(ledger.size)
    if key.partition(".")[0] == "growth":
        if baseline is None:
            raise UsageError(
                f"cannot use limit `{key}`: there is no image to compare with", hint="name one: --baseline"
            )
        of = key.partition(".")[2] or "total"
        whole = _measured(of, baseline, counts)
        measured = _measured(of, ledger, counts) - whole
    else:
        measured = _measured(key, ledger, counts)
    unit = "part" if limit.part or key in _SHARES else "count" if key.endswith("layers") else "bytes"
    if limit.part:
        measured = measured / whole if whole else float(measured > 0)
    over = measured < limit.value if key in _FLOORS else measured > limit.value
    return Exceeded(key, measured, limit.value, unit) if over else None


def _measured(key: str, ledger: Ledger, counts: Callable[[Share], bool]) -> float:
    if key in _SIZES:
        return _SIZES[key](ledger)
    if key.startswith("/"):
        below = key.strip("/")
        inside = (s.size for s in ledger.shares if s.fate is Fate.LIVE and f"{s.path}/".startswith(f"{below}/"))
        return ledger.live if not below else sum(inside)
    group, _, word = key.lower().partition(".")
    if group == "above":
        return _above(word, ledger, counts)
    if group == "waste":
        kinds, word = tuple(kind for kind in WasteKind if word in ("", kind.effort.name.lower())), ""
    else:
        kinds = _CACHES if group == "caches" else (_KINDS[group],)
    return sum(
        share.wasted
        for share in ledger.shares
        if share.waste in kinds and (not word or word in share.detail.lower().split()) and counts(share)
    )


def _above(key: str, ledger: Ledger, counts: Callable[[Share], bool]) -> float:
    """The same of the layers that are not the base image's."""
    own = {layer.number for layer in ledger.layers if not layer.base}
    if key in ("", "total", "live"):
        return sum(layer.live if key == "live" else layer.size for layer in ledger.layers if not layer.base)
    return _measured(key, ledger, lambda share: share.layer in own and counts(share))


def _check(key: str) -> None:
    group, _, rest = key.partition(".")
    if key.startswith("/") or key in KEYS or (group == "caches" and rest) or (group == "waste" and rest in _EFFORTS):
        return
    inner = rest.partition(".")[0]
    if group == "above" and (inner in ("waste", "caches", *_KINDS) or rest in ("total", "live")):
        _check(rest)
        return
    if group == "growth" and rest not in _SHARES and inner != "growth":
        _check(rest)
        return
    import difflib

    near = difflib.get_close_matches(key, KEYS, 1)
    hint = (
        f"did you mean `{near[0]}`?"
        if near
        else f"known: {', '.join(KEYS)}, waste.EFFORT, caches.NAME, above.KEY, growth.KEY, /DIRECTORY"
    )
    raise UsageError(f"cannot use limit `{key}`: there is no such limit", hint=hint)
