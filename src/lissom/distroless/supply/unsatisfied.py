"""Why packages cannot be had together, as chains of who needs whom."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lissom.distroless.archive.control import Package, Relation
from lissom.distroless.archive.index import PackageIndex
from lissom.distroless.supply.selection import Clash, Selection, fits
from lissom.errors import UsageError

__all__ = ["conflict", "impossible"]


def conflict(clash: Clash, selection: Selection) -> UsageError:
    """The error of two packages that are both asked for."""
    one, other = clash.package.name, clash.other.name
    chains = f"{_chain(one, selection)}; {_chain(other, selection)}"
    return UsageError(f"cannot install `{one}` together with `{other}`: {clash} ({chains})")


def impossible(package: Package, group: tuple[Relation, ...], index: PackageIndex, selection: Selection) -> UsageError:
    """The error of a need of ``package`` that nothing satisfies."""
    causes = dict.fromkeys(cause for relation in group for cause in _causes(relation, index, selection))
    reached = _chain(package.name, selection)
    wanted = " | ".join(map(str, group))
    return UsageError(f"cannot install `{reached.split(' → ')[0]}`: {reached} needs {wanted}, but {', '.join(causes)}")


def _causes(relation: Relation, index: PackageIndex, selection: Selection) -> Iterator[str]:
    """Why nothing that is named so will do."""
    own = index.find(relation.name)
    found = list(chain((own,) if own else (), index.providers(relation.name)))
    if not found:
        yield f"there is no {relation.name}"
    for package in found:
        if not fits(relation, package, index.architecture):
            yield f"{package} does not fit" if package is own else f"{package} provides another version"
        elif clash := selection.clash(package):
            other = clash.other if clash.package is package else clash.package
            yield f"{clash} ({_chain(other.name, selection)})"


def _chain(name: str, selection: Selection) -> str:
    names = [name]
    while reason := selection.reasons.get(names[0]):
        names.insert(0, reason)
    return " → ".join(names)
