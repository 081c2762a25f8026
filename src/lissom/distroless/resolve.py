"""Which packages a list of packages needs: the closure over Pre-Depends and Depends, as apt chooses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, groupby

from lissom.distroless.control import Package, Relation
from lissom.distroless.index import PackageIndex
from lissom.distroless.selection import Clash, Selection, fits
from lissom.errors import UsageError

__all__ = ["Resolved", "named", "resolve"]

_PRIORITIES = ("required", "important", "standard", "optional", "extra")
_FIELDS = ("Pre-Depends", "Depends")
_RETRIES = 5000

Group = tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A chosen package, and the one that it was chosen for (empty: it was asked for)."""

    package: Package
    needed_by: str


def resolve(
    index: PackageIndex, wanted: Iterable[str], *, alone: Iterable[str] = (), without: Iterable[str] = ()
) -> list[Resolved]:
    """``wanted`` and all they need, by name; and the packages ``alone``, whose own needs are not followed.

    What ``without`` names counts as there and is not installed. As apt does, what a package needs is looked after
    before its neighbours; of alternatives what is chosen already wins, then the first that can be had; of several
    providers of a virtual package the one with the highest priority, then the one that the index names last. Where this
    ends in a conflict the last choice is made otherwise, and so on, within bounds. The order of ``wanted`` does not
    matter.
    Raises UsageError with the chain of reasons.
    """
    return _Resolution(index, frozenset(without)).run(sorted(set(wanted)), sorted(set(alone)))


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


@dataclass(frozen=True, slots=True)
class _Need:
    """One dependency that is still to be looked after, and those that follow it."""

    package: Package
    group: Group
    rest: _Need | None


@dataclass(frozen=True, slots=True)
class _Fork:
    """Where the choice could have been another: how much was chosen, what was needed, which candidates are left."""

    chosen: int
    need: _Need
    candidates: Iterator[Package]


class _Resolution:
    def __init__(self, index: PackageIndex, without: frozenset[str]) -> None:
        self.index = index
        self.without = without
        self.selection = Selection(index.architecture)
        self.need: _Need | None = None
        self.forks: list[_Fork] = []

    def run(self, wanted: Sequence[str], alone: Sequence[str]) -> list[Resolved]:
        for name in (*alone, *wanted):
            package = named(self.index, name)
            if clash := self.selection.clash(package):
                raise self._conflict(clash)
            self.selection.add(package, "")
        for name in reversed(wanted):
            self.need = _needs(named(self.index, name), self.need)
        first = failure = self._follow()
        for _ in range(_RETRIES):
            if failure is None or not self._choose_otherwise():
                break
            failure = self._follow()
        if failure and first:
            raise first
        reasons = self.selection.reasons
        return [Resolved(one, reasons[one.name]) for one in sorted(self.selection, key=lambda one: one.name)]

    def _follow(self) -> UsageError | None:
        """Look after every need; the error of the first that cannot be satisfied."""
        while need := self.need:
            if self._is_satisfied(need.group):
                self.need = need.rest
            elif not self._choose(_Fork(len(self.selection), need, self._candidates(need.group))):
                return self._impossible(need.package, need.group)
        return None

    def _choose(self, fork: _Fork) -> bool:
        """Take the next candidate, as if nothing had been chosen after the fork; False when there is none."""
        self.selection.cut(fork.chosen)
        package = next(fork.candidates, None)
        if package is None:
            return False
        self.selection.add(package, fork.need.package.name)
        self.forks.append(fork)
        self.need = _needs(package, fork.need.rest)
        return True

    def _choose_otherwise(self) -> bool:
        while self.forks:
            if self._choose(self.forks.pop()):
                return True
        return False

    def _is_satisfied(self, group: Group) -> bool:
        return any(one.name in self.without or self.selection.satisfies(one) for one in group)

    def _candidates(self, group: Group) -> Iterator[Package]:
        """What would satisfy the group and can be chosen, best first."""
        for relation in group:
            own = self.index.find(relation.name)
            for package in chain((own,) if own else (), self._ranked(relation)):
                if fits(relation, package, self.index.architecture) and not self.selection.clash(package):
                    yield package

    def _ranked(self, relation: Relation) -> Iterator[Package]:
        """Those that provide a name, best first. Among equals apt takes the one that it read of last, and so do we."""
        for _, group in groupby(sorted(self.index.providers(relation.name), key=_rank), key=_rank):
            equal = list(group)
            yield from sorted(equal, key=lambda one: self.index.mention(one.name), reverse=True) if equal[1:] else equal

    def _conflict(self, clash: Clash) -> UsageError:
        one, other = clash.package.name, clash.other.name
        return UsageError(
            f"cannot install `{one}` together with `{other}`: {clash} ({self._chain(one)}; {self._chain(other)})"
        )

    def _impossible(self, package: Package, group: Group) -> UsageError:
        wanted = " | ".join(map(str, group))
        causes = dict.fromkeys(cause for relation in group for cause in self._causes(relation))
        reached = self._chain(package.name)
        return UsageError(
            f"cannot install `{reached.split(' → ')[0]}`: {reached} needs {wanted}, but {', '.join(causes)}"
        )

    def _causes(self, relation: Relation) -> list[str]:
        """Why nothing that is named so will do."""
        own = self.index.find(relation.name)
        found = list(chain((own,) if own else (), self.index.providers(relation.name)))
        if not found:
            return [f"there is no {relation.name}"]
        causes = []
        for package in found:
            if not fits(relation, package, self.index.architecture):
                causes.append(f"{package} does not fit" if package is own else f"{package} provides another version")
            elif clash := self.selection.clash(package):
                other = clash.other if clash.package is package else clash.package
                causes.append(f"{clash} ({self._chain(other.name)})")
        return causes

    def _chain(self, name: str) -> str:
        names = [name]
        while reason := self.selection.reasons.get(names[0]):
            names.insert(0, reason)
        return " → ".join(names)


def _needs(package: Package, rest: _Need | None) -> _Need | None:
    """What ``package`` needs, and then ``rest``."""
    for group in reversed([group for field in _FIELDS for group in package.relations(field)]):
        rest = _Need(package, group, rest)
    return rest


def _rank(package: Package) -> tuple[bool, int]:
    known = package.priority in _PRIORITIES
    return not package.essential, _PRIORITIES.index(package.priority) if known else len(_PRIORITIES)
