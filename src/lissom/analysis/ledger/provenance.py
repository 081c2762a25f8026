"""Lines of a Dockerfile as BuildKit's provenance tells them (mode=max, SLSA 0.2 and 1): steps and their layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Attested", "read_provenance"]

_OLD = "https://mobyproject.org/buildkit@v1#metadata"
_NEW = "buildkit_metadata"


@dataclass(frozen=True)
class Attested:
    """``layers`` leads from a layer's number to first and last line in ``file``."""

    file: str
    layers: Mapping[int, tuple[int, int]]


def read_provenance(statement: Any, digests: Sequence[str]) -> Attested | None:
    """What an in-toto statement tells of the layers with these digests; None when it tells no lines.

    Whatever in it is not as BuildKit writes it is passed over.
    """
    told = _metadata(statement)
    source = _map(told.get("source"))
    ranges = {step: found for step, where in _map(source.get("locations")).items() if (found := _range(where))}
    numbers = {digest: number for number, digest in reversed(list(enumerate(digests)))}
    layers: dict[int, tuple[int, int]] = {}
    for output, chains in _map(told.get("layers")).items():
        lines = ranges.get(output.partition(":")[0])
        for chain in _list(chains) if lines else ():
            last = _map((_list(chain) or [None])[-1]).get("digest")
            if lines and isinstance(last, str) and last in numbers:
                layers.setdefault(numbers[last], lines)
    if not layers:
        return None
    names = (_map(info).get("filename") for info in _list(source.get("infos")))
    return Attested(next((name for name in names if isinstance(name, str)), "Dockerfile"), layers)


def _metadata(statement: Any) -> Mapping[str, Any]:
    predicate = _map(_map(statement).get("predicate"))
    old = _map(predicate.get("metadata")).get(_OLD)
    return _map(old) or _map(_map(_map(predicate.get("runDetails")).get("metadata")).get(_NEW))


def _range(where: Any) -> tuple[int, int] | None:
    """The lines of a step; of several places the first, which is the instruction's own."""
    for place in _list(_map(where).get("locations")):
        lines = [line for each in _list(_map(place).get("ranges")) for line in _lines(each)]
        if lines:
            return min(lines), max(lines)
    return None


def _lines(each: Any) -> Iterator[int]:
    for end in ("start", "end"):
        line = _map(_map(each).get(end)).get("line")
        if isinstance(line, int) and 0 < line < 1 << 31:
            yield line


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
