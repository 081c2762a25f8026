"""Which packages a list of packages needs: the closure over Pre-Depends and Depends, as apt chooses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain, groupby

from lissom.distroless.archive.control import Package, Relation
from lissom.distroless.archive.index import PackageIndex
from lissom.distroless.supply.selection import Selection, fits
from lissom.distroless.supply.unsatisfied import conflict, impossible
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


@dataclass(slots=True)
class _Fork:
    """Where the choice could have been another: how much was chosen, what was needed, which candidates are left.

    ``taken`` is the candidate that was chosen, ``blame`` the packages for which earlier ones did not do.
    """

    chosen: int
    need: _Need
    candidates: Iterator[Package]
    taken: str = ""
    blame: set[str] = field(default_factory=set)


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
                raise conflict(clash, self.selection)
            self.selection.add(package, "")
        for name in reversed(wanted):
            self.need = _needs(named(self.index, name), self.need)
        first: UsageError | None = None
        for _ in range(_RETRIES):
            failed = self._follow()
            if failed is None:
                reasons = self.selection.reasons
                return [Resolved(one, reasons[one.name]) for one in sorted(self.selection, key=lambda one: one.name)]
            first = first or impossible(failed.package, failed.group, self.index, self.selection)
            if not self._choose_otherwise(self._culprits(failed)):
                break
        assert first is not None
        raise first

    def _follow(self) -> _Need | None:
        """Look after every need; the first that cannot be satisfied."""
        while need := self.need:
            if self._is_satisfied(need.group):
                self.need = need.rest
            elif not self._choose(_Fork(len(self.selection), need, self._candidates(need.group))):
                return need
        return None

    def _choose(self, fork: _Fork) -> bool:
        """Take the next candidate, as if nothing had been chosen after the fork; False when there is none."""
        self.selection.cut(fork.chosen)
        package = next(fork.candidates, None)
        if package is None:
            return False
        self.selection.add(package, fork.need.package.name)
        fork.taken = package.name
        self.forks.append(fork)
        self.need = _needs(package, fork.need.rest)
        return True

    def _choose_otherwise(self, blame: set[str]) -> bool:
        """Go back to the last choice of a package that is to ``blame``: those in between have no part in it."""
        while self.forks:
            fork = self.forks.pop()
            if fork.taken not in blame:
                continue
            fork.blame |= blame - {fork.taken}
            if self._choose(fork):
                return True
            blame = fork.blame | self._culprits(fork.need)
        return False

    def _culprits(self, need: _Need) -> set[str]:
        """Who needs what cannot be had, and whom all that it could be does not go together with."""
        found = {need.package.name}
        for package in (one for relation in need.group for one in self._fitting(relation)):
            if clash := self.selection.clash(package):
                found.add(clash.other.name if clash.package is package else clash.package.name)
        return found

    def _is_satisfied(self, group: Group) -> bool:
        return any(one.name in self.without or self.selection.satisfies(one) for one in group)

    def _candidates(self, group: Group) -> Iterator[Package]:
        """What would satisfy the group and can be chosen, best first."""
        for relation in group:
            for package in self._fitting(relation):
                if not self.selection.clash(package):
                    yield package

    def _fitting(self, relation: Relation) -> Iterator[Package]:
        own = self.index.find(relation.name)
        for package in chain((own,) if own else (), self._ranked(relation)):
            if fits(relation, package, self.index.architecture):
                yield package

    def _ranked(self, relation: Relation) -> Iterator[Package]:
        """Those that provide a name, best first. Among equals apt takes the one that it read of last, and so do we."""
        for _, group in groupby(sorted(self.index.providers(relation.name), key=_rank), key=_rank):
            equal = list(group)
            yield from sorted(equal, key=lambda one: self.index.mention(one.name), reverse=True) if equal[1:] else equal


def _needs(package: Package, rest: _Need | None) -> _Need | None:
    """What ``package`` needs, and then ``rest``."""
    for group in reversed([group for name in _FIELDS for group in package.relations(name)]):
        rest = _Need(package, group, rest)
    return rest


def _rank(package: Package) -> tuple[bool, int]:
    known = package.priority in _PRIORITIES
    return not package.essential, _PRIORITIES.index(package.priority) if known else len(_PRIORITIES)
