"""Which packages a list of packages needs: the closure over Pre-Depends and Depends, as apt chooses it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lissom.distroless.control import Package, Relation
from lissom.distroless.index import PackageIndex
from lissom.errors import UsageError

__all__ = ["Resolved", "named", "resolve"]

_PRIORITIES = ("required", "important", "standard", "optional", "extra")
_FIELDS = ("Pre-Depends", "Depends")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A chosen package, and the one that it was chosen for (empty: it was asked for)."""

    package: Package
    needed_by: str


def resolve(
    index: PackageIndex, wanted: Sequence[str], *, alone: Iterable[str] = (), without: Iterable[str] = ()
) -> list[Resolved]:
    """``wanted`` and all they need, by name; and the packages ``alone``, whose own needs are not followed.

    What ``without`` names counts as there and is not installed. Of alternatives what is chosen already wins, then the
    first that can be had; of several providers of a virtual package the one with the highest priority. Raises
    UsageError with the chain of reasons.
    """
    return _Resolution(index, frozenset(without)).run(wanted, alone)


def named(index: PackageIndex, name: str) -> Package:
    """The package of that name, or the only one that provides it. Raises UsageError."""
    if package := index.find(name):
        return package
    providers = index.providers(name)
    if len(providers) == 1:
        return providers[0]
    if providers:
        names = ", ".join(package.name for package in providers[:8])
        raise UsageError(f"cannot install `{name}`: it is a virtual package", hint=f"name one of: {names}")
    near = get_close_matches(name, index.names(), 1)
    raise UsageError(
        f"cannot install `{name}`: the archive has no such package for {index.architecture}",
        hint=f"did you mean `{near[0]}`?" if near else None,
    )


class _Resolution:
    def __init__(self, index: PackageIndex, without: frozenset[str]) -> None:
        self.index = index
        self.without = without
        self.chosen: dict[str, Package] = {}
        self.reasons: dict[str, str] = {}
        self.queue: deque[Package] = deque()

    def run(self, wanted: Sequence[str], alone: Iterable[str]) -> list[Resolved]:
        for name in alone:
            package = named(self.index, name)
            self.chosen[package.name] = package
        for name in wanted:
            self._choose(named(self.index, name), "")
        while self.queue:
            package = self.queue.popleft()
            for field in _FIELDS:
                for group in package.relations(field):
                    self._satisfy(package, group)
        self._check_conflicts()
        return [Resolved(self.chosen[name], self.reasons.get(name, "")) for name in sorted(self.chosen)]

    def _choose(self, package: Package, reason: str) -> None:
        if package.name not in self.chosen:
            self.chosen[package.name] = package
            self.reasons[package.name] = reason
            self.queue.append(package)

    def _satisfy(self, package: Package, group: tuple[Relation, ...]) -> None:
        if any(alternative.name in self.without for alternative in group):
            return
        if any(self._fits(alternative, chosen) for alternative in group for chosen in self._standing_for(alternative)):
            return
        for alternative in group:
            candidate = self.index.find(alternative.name)
            if candidate and self._fits(alternative, candidate) and not self._clash(candidate):
                self._choose(candidate, package.name)
                return
            providers = [
                one
                for one in self.index.providers(alternative.name)
                if self._fits(alternative, one) and not self._clash(one)
            ]
            if providers:
                self._choose(self._preferred(package, alternative, providers), package.name)
                return
        raise self._impossible(package, group)

    def _standing_for(self, relation: Relation) -> list[Package]:
        if own := self.chosen.get(relation.name):
            return [own, *(one for one in self.index.providers(relation.name) if one.name in self.chosen)]
        return [one for one in self.index.providers(relation.name) if one.name in self.chosen]

    def _fits(self, relation: Relation, package: Package) -> bool:
        if relation.qualifier == "any" and package.multi_arch != "allowed":
            return False
        if relation.qualifier not in ("", "any", "native", self.index.architecture):
            return False
        if package.name == relation.name:
            return relation.accepts(package.version)
        return any(
            given.name == relation.name
            and (not relation.operator or (bool(given.version) and relation.accepts(given.version)))
            for given in package.provides()
        )

    def _preferred(self, package: Package, relation: Relation, providers: list[Package]) -> Package:
        ranked = sorted(providers, key=_rank)
        best = [one for one in ranked if _rank(one) == _rank(ranked[0])]
        if len(best) > 1:
            names = ", ".join(one.name for one in best)
            raise UsageError(
                f"cannot install `{package.name}`: {self._chain(package)} needs {relation}, which {names} provide",
                hint="name one of them in the list of packages",
            )
        return best[0]

    def _clash(self, package: Package) -> bool:
        return any(self._hits(package, other) or self._hits(other, package) for other in self.chosen.values())

    def _hits(self, package: Package, other: Package) -> Relation | None:
        if package.name == other.name:
            return None
        for field in ("Conflicts", "Breaks"):
            for group in package.relations(field):
                if self._fits(group[0], other):
                    return group[0]
        return None

    def _check_conflicts(self) -> None:
        for package in self.chosen.values():
            for field in ("Conflicts", "Breaks"):
                for relation in (group[0] for group in package.relations(field)):
                    for other in self._standing_for(relation):
                        if other.name != package.name and self._fits(relation, other):
                            raise UsageError(
                                f"cannot install `{package.name}` together with `{other.name}`: "
                                f"{package} {'conflicts with' if field == 'Conflicts' else 'breaks'} {relation}"
                                f" ({self._chain(package)}; {self._chain(other)})"
                            )

    def _impossible(self, package: Package, group: tuple[Relation, ...]) -> UsageError:
        wanted = " | ".join(map(str, group))
        causes = []
        for alternative in group:
            if found := self.index.find(alternative.name):
                fits = self._fits(alternative, found)
                causes.append(f"{found} {'conflicts with what is chosen' if fits else 'does not fit'}")
            else:
                causes.append(f"there is no {alternative.name}")
        return UsageError(
            f"cannot install `{self._chain(package).split(' → ')[0]}`: {self._chain(package)} needs {wanted},"
            f" but {', '.join(causes)}"
        )

    def _chain(self, package: Package) -> str:
        names = [package.name]
        while reason := self.reasons.get(names[0]):
            names.insert(0, reason)
        return " → ".join(names)


def _rank(package: Package) -> tuple[bool, int]:
    priority = package.priority
    return not package.essential, _PRIORITIES.index(priority) if priority in _PRIORITIES else len(_PRIORITIES)
