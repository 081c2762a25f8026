"""Which packages a spec wants: those it names, those every Debian has if it asks for them, and what they need."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.distroless.archive.control import Package
from lissom.distroless.archive.index import PackageIndex
from lissom.distroless.spec.spec import Spec, Wish
from lissom.distroless.supply.resolve import resolve

__all__ = ["Chosen", "choose", "decisive"]

_MERGER, _MERGED = "usrmerge", "usr-is-merged"
"""Alternatives: trees of ours are merged from the beginning, so that nothing with all of Perl has to do it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A package, which other one it is there for (empty: the spec wants it), and whether apt would call it automatic:
    needed, but not by an essential one.
    """

    package: Package
    needed_by: str = ""
    automatic: bool = False


def choose(spec: Spec, index: PackageIndex) -> list[Chosen]:
    """The packages of ``spec`` by name. Raises UsageError."""
    for wish in spec.packages:
        if wish.version:
            index.pin(wish.name, wish.version)
    wishes = (*spec.packages, *_added(spec, index))
    alone = [wish.name for wish in wishes if not wish.dependencies]
    wanted = [wish.name for wish in wishes if wish.dependencies]
    resolved = resolve(index, wanted, alone=alone, without=spec.without)
    if any(one.package.name == _MERGER and one.needed_by for one in resolved) and index.find(_MERGED):
        wanted.append(_MERGED)
        resolved = resolve(index, wanted, alone=alone, without=spec.without)
    manual = {*alone, *wanted, *_essential(spec, index)} if spec.configure else {one.package.name for one in resolved}
    return [Chosen(one.package, one.needed_by, one.package.name not in manual) for one in resolved]


def decisive(spec: Spec) -> dict[str, object]:
    """The parts of ``spec`` that decide which packages it gets, as JSON has them."""
    return {
        "suite": spec.suite,
        "components": list(spec.components),
        "sources": list(spec.sources),
        "snapshot": spec.snapshot,
        "packages": sorted(f"{wish}" if wish.dependencies else f"{wish} alone" for wish in spec.packages),
        "without": sorted(set(spec.without)),
        "bootstrap": spec.bootstrap,
        "configure": spec.configure,
        "debug": spec.debug,
    }


def _added(spec: Spec, index: PackageIndex) -> list[Wish]:
    wishes = []
    if spec.bootstrap != "none":
        wishes += [Wish(one.name) for one in index.required() if one.essential or spec.bootstrap == "minbase"]
    if spec.bootstrap == "minbase":
        wishes.append(Wish("apt"))
    if spec.debug:
        wishes.append(Wish("busybox-static"))
    return wishes


def _essential(spec: Spec, index: PackageIndex) -> list[str]:
    names = [one.name for one in index.required() if one.essential]
    return [one.package.name for one in resolve(index, names, without=spec.without)]
