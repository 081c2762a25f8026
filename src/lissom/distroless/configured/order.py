"""In which order dpkg gets packages, so that what a script counts on is there: as mmdebstrap and apt do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lissom.distroless.archive.control import Package

__all__ = ["batches", "essentials", "needed"]

_PRE = ("Pre-Depends",)
_ALL = ("Pre-Depends", "Depends")


def essentials(packages: Sequence[Package]) -> list[Package]:
    """The essential ones of ``packages`` and what they need of the rest, each after what it needs, but for cycles.

    Those with Pre-Depends come first, as apt's do.
    """
    roots = [package for package in packages if package.essential]
    roots.sort(key=lambda package: (not package.relations("Pre-Depends"), package.name))
    return needed(roots, packages)


def needed(roots: Iterable[Package], packages: Sequence[Package]) -> list[Package]:
    """``roots`` and what they need of ``packages``, each after what it needs, but for cycles."""
    return _closure(roots, _by_name(packages))


def batches(packages: Sequence[Package]) -> list[list[Package]]:
    """Packages in the order in which they can be unpacked: what one pre-depends on, and all that this needs to be
    configured, is in an earlier batch, but for cycles.
    """
    names = _by_name(packages)
    left = {package.name: package for package in packages}
    before = {one.name: [need.name for need in _closure(_needs(one, names, _PRE), names)] for one in packages}
    done: list[list[Package]] = []
    while left:
        ready = [one for one in left.values() if not any(name in left for name in before[one.name] if name != one.name)]
        ready = ready or list(left.values())
        done.append(ready)
        for package in ready:
            del left[package.name]
    return done


def _closure(roots: Iterable[Package], names: Mapping[str, Package]) -> list[Package]:
    found: dict[str, Package] = {}
    begun: set[str] = set()
    for root in roots:
        stack = [(root, False)]
        while stack:
            package, ended = stack.pop()
            if ended:
                found[package.name] = package
            elif package.name not in begun:
                begun.add(package.name)
                stack.append((package, True))
                stack += [(one, False) for one in reversed(_needs(package, names, _ALL))]
    return list(found.values())


def _by_name(packages: Sequence[Package]) -> Mapping[str, Package]:
    names = {package.name: package for package in packages}
    for package in packages:
        for given in package.provides():
            names.setdefault(given.name, package)
    return names


def _needs(package: Package, names: Mapping[str, Package], fields: Sequence[str]) -> list[Package]:
    """Of each group of alternatives the first that is there."""
    found = []
    for field in fields:
        for group in package.relations(field):
            there = [names[relation.name] for relation in group if relation.name in names]
            found += there[:1]
    return found
