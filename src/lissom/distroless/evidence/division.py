"""Packages in groups that stay the same from image to image, by their sizes and source packages alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Part", "Unit", "divided", "family"]

_LARGE = 1 << 20
_WORTH = 1 << 18
_FAMILIES = (
    ("static", r"base-files|ca-certificates|media-types|netbase|tzdata(-legacy)?"),
    ("base", r"gcc-\d+-base|libc6|libgcc-s1|libssl3(t64)?"),
    ("cc", r"libatomic1|libgomp1|libstdc\+\+6"),
    ("runtimes", r"libc-bin"),
)
"""Packages that many images begin with. Other images have them in the same groups, whatever else is in them.

What slices add to one of them is of the last family.
"""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is never divided: a package, or what a slice adds to it."""

    package: str
    source: str
    addition: str = ""

    def __str__(self) -> str:
        return f"{self.package} ({self.addition})" if self.addition else self.package


@dataclass(frozen=True, slots=True)
class Part:
    """Units that are together, and why."""

    name: str
    units: tuple[Unit, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    part: Part
    size: int
    family: int
    least: int = _LARGE

    @property
    def order(self) -> tuple[int, int, str]:
        """The largest first; sizes that are alike are the same, so that an update changes no order.

        What many images have counts four times.
        """
        many = self.family < len(_FAMILIES)
        return -self.size.bit_length() - 2 * many, self.family, self.part.name


def family(package: str) -> str:
    """The family that a package is of, empty for most."""
    return next((name for name, names in _FAMILIES if re.fullmatch(names, package)), "")


def divided(sizes: Mapping[Unit, int], room: int) -> tuple[Part, ...]:
    """The units, whose ``sizes`` are bytes, in at most ``room`` parts, those first that most images have.

    Source packages of 1 MiB or more are alone, since an update replaces all of one; packages of well-known families
    are so each for itself, and their small ones together. What is left, or finds no room, is one part.
    """
    found = sorted(_candidates(sizes), key=lambda one: one.order)
    fitting = [one for one in found if one.size >= one.least]
    if len(fitting) < len(found) or len(fitting) > room:
        fitting = fitting[: room - 1]
    taken = {unit for one in fitting for unit in one.part.units}
    rest = _ordered(unit for unit in sizes if unit not in taken)
    parts = [one.part for one in sorted(fitting, key=lambda one: (one.family, one.order))]
    return (*parts, _rest(rest, alone=not parts)) if rest else tuple(parts)


def _candidates(sizes: Mapping[Unit, int]) -> Iterable[_Candidate]:
    small: dict[str, list[Unit]] = {}
    sources: dict[str, list[Unit]] = {}
    names = [name for name, _ in _FAMILIES]
    for unit, size in sizes.items():
        title = names[-1] if unit.addition else family(unit.package)
        if title and size >= _LARGE:
            yield _Candidate(Part(str(unit), (unit,), "large, in many images"), size, names.index(title))
        elif title:
            small.setdefault(title, []).append(unit)
        else:
            sources.setdefault(unit.source, []).append(unit)
    for title, units in small.items():
        part = Part(title, _ordered(units), "small, in many images")
        yield _Candidate(part, sum(sizes[unit] for unit in units), names.index(title), _WORTH)
    for source, units in sources.items():
        name, reason = (str(units[0]), "large") if len(units) == 1 else (source, f"large, all built from {source}")
        yield _Candidate(Part(name, _ordered(units), reason), sum(sizes[unit] for unit in units), len(names))


def _rest(units: tuple[Unit, ...], *, alone: bool) -> Part:
    if alone:
        return Part("all packages", units, "there is room for one layer")
    return Part("other packages", units, "small, or no room for more layers")


def _ordered(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple(sorted(units, key=str))
