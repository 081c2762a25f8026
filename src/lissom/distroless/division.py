"""Packages in groups that stay the same from image to image, by their sizes and source packages alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lissom.distroless.control import Package

__all__ = ["Part", "divided"]

_LARGE = 1 << 20
_WORTH = 1 << 18
_FAMILIES = (
    ("static", r"base-files|ca-certificates|media-types|netbase|tzdata(-legacy)?"),
    ("base", r"gcc-\d+-base|libc-bin|libc6|libgcc-s1|libssl3(t64)?"),
    ("cc", r"libatomic1|libgomp1|libstdc\+\+6"),
)
"""Packages that many images begin with. Other images have them in the same groups, whatever else is in them."""


@dataclass(frozen=True, slots=True)
class Part:
    """Packages that are together, and why."""

    name: str
    packages: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    part: Part
    size: int
    family: int
    least: int

    @property
    def order(self) -> tuple[int, int, str]:
        """The largest first; sizes that are alike are the same, so that an update changes no order."""
        return -self.size.bit_length(), self.family, self.part.name


def divided(packages: Sequence[Package], sizes: Mapping[str, int], room: int) -> tuple[Part, ...]:
    """``packages`` in at most ``room`` parts, those first that most images have. ``sizes`` are bytes by name.

    Source packages of 1 MiB or more are alone, since an update replaces all of one; packages of well-known families
    are so each for itself, and their small ones together. What is left, or finds no room, is one part.
    """
    found = sorted(_candidates(packages, sizes), key=lambda one: one.order)
    fitting = [one for one in found if one.size >= one.least]
    if len(fitting) < len(found) or len(fitting) > room:
        fitting = fitting[: room - 1]
    taken = {name for one in fitting for name in one.part.packages}
    rest = tuple(sorted(package.name for package in packages if package.name not in taken))
    parts = [one.part for one in sorted(fitting, key=lambda one: (one.family, one.order))]
    return (*parts, _rest(rest, alone=not parts)) if rest else tuple(parts)


def _candidates(packages: Iterable[Package], sizes: Mapping[str, int]) -> list[_Candidate]:
    small: dict[int, list[str]] = {}
    sources: dict[str, list[str]] = {}
    found = []
    for package in packages:
        name, family = package.name, _family(package.name)
        if family == len(_FAMILIES):
            sources.setdefault(package.source, []).append(name)
        elif sizes.get(name, 0) >= _LARGE:
            part = Part(name, (name,), f"large, in every image from `{_FAMILIES[family][0]}` on")
            found.append(_Candidate(part, sizes[name], family, _LARGE))
        else:
            small.setdefault(family, []).append(name)
    for family, names in small.items():
        title = _FAMILIES[family][0]
        part = Part(title, tuple(sorted(names)), f"small, in every image from `{title}` on")
        found.append(_Candidate(part, _sum(names, sizes), family, _WORTH))
    for source, names in sources.items():
        reason = "large" if len(names) == 1 else f"large, all built from {source}"
        part = Part(names[0] if len(names) == 1 else source, tuple(sorted(names)), reason)
        found.append(_Candidate(part, _sum(names, sizes), len(_FAMILIES), _LARGE))
    return found


def _rest(names: tuple[str, ...], *, alone: bool) -> Part:
    if alone:
        return Part("all packages", names, "there is room for one layer")
    return Part("other packages", names, "small, or no room for more layers")


def _family(name: str) -> int:
    return next((at for at, (_, names) in enumerate(_FAMILIES) if re.fullmatch(names, name)), len(_FAMILIES))


def _sum(names: Iterable[str], sizes: Mapping[str, int]) -> int:
    return sum(sizes.get(name, 0) for name in names)
