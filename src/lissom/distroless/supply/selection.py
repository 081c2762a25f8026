"""Packages that are chosen together, by all the names that they stand for, and what they do not go together with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lissom.distroless.archive.control import Package, Relation

__all__ = ["Clash", "Selection", "fits"]

_AGAINST = {"Conflicts": "conflicts with", "Breaks": "breaks"}


@dataclass(frozen=True, slots=True)
class Clash:
    """``package`` says in ``field`` that it does not go together with ``other``."""

    package: Package
    field: str
    relation: Relation
    other: Package

    def __str__(self) -> str:
        return f"{self.package} {_AGAINST[self.field]} {self.relation}"


class Selection:
    """A growing list of packages; the last ones can be taken back."""

    def __init__(self, architecture: str) -> None:
        self.architecture = architecture
        self.reasons: dict[str, str] = {}
        self._packages: list[Package] = []
        self._standing: defaultdict[str, list[Package]] = defaultdict(list)
        self._against: defaultdict[str, list[tuple[Package, str, Relation]]] = defaultdict(list)

    def __iter__(self) -> Iterator[Package]:
        return iter(self._packages)

    def __len__(self) -> int:
        return len(self._packages)

    def add(self, package: Package, reason: str) -> None:
        """Choose ``package``, once."""
        if package.name in self.reasons:
            return
        self.reasons[package.name] = reason
        self._packages.append(package)
        for name in _names(package):
            self._standing[name].append(package)
        for field, relation in _enemies(package):
            self._against[relation.name].append((package, field, relation))

    def cut(self, length: int) -> None:
        """Take back what was chosen after the first ``length`` packages."""
        while len(self._packages) > length:
            package = self._packages.pop()
            del self.reasons[package.name]
            for name in _names(package):
                self._standing[name].pop()
            for _, relation in _enemies(package):
                self._against[relation.name].pop()

    def satisfies(self, relation: Relation) -> bool:
        """Whether one of the chosen packages will do."""
        return any(fits(relation, package, self.architecture) for package in self._standing.get(relation.name, ()))

    def clash(self, package: Package) -> Clash | None:
        """Why ``package`` does not go together with what is chosen."""
        for field, relation in _enemies(package):
            for other in self._standing.get(relation.name, ()):
                if other.name != package.name and fits(relation, other, self.architecture):
                    return Clash(package, field, relation, other)
        for name in _names(package):
            for other, field, relation in self._against.get(name, ()):
                if other.name != package.name and fits(relation, package, self.architecture):
                    return Clash(other, field, relation, package)
        return None


def fits(relation: Relation, package: Package, architecture: str) -> bool:
    """Whether ``package`` is what ``relation`` means, by its own name or by one that it provides."""
    if relation.qualifier == "any" and package.multi_arch != "allowed":
        return False
    if relation.qualifier == "all" and package.architecture != "all":
        return False
    if relation.qualifier not in ("", "any", "all", "native", architecture):
        return False
    if package.name == relation.name and relation.accepts(package.version):
        return True
    return any(
        given.name == relation.name
        and (not relation.operator or (bool(given.version) and relation.accepts(given.version)))
        for given in package.provides()
    )


def _names(package: Package) -> dict[str, None]:
    return dict.fromkeys((package.name, *(given.name for given in package.provides())))


def _enemies(package: Package) -> Iterator[tuple[str, Relation]]:
    for field in _AGAINST:
        for group in package.relations(field):
            yield field, group[0]
