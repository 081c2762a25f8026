"""Which packages a tree was put together of, and which one each file is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from lissom.analysis.apk import read_apk
from lissom.analysis.distributions import read_distributions
from lissom.analysis.dpkg import read_dpkg
from lissom.analysis.gems import read_gems
from lissom.analysis.npm import read_npm, seen_from
from lissom.analysis.package import Package, normal_name
from lissom.analysis.root import Root
from lissom.rootfs.tree import Tree

__all__ = ["Package", "Packages", "read_packages"]

_CACHE = "/__pycache__/"


class Packages:
    """The packages of a tree. Those of languages are looked for when they are first asked for, each kind alone."""

    def __init__(self, root: Root) -> None:
        self.root = root

    @cached_property
    def system(self) -> tuple[Package, ...]:
        """Packages of the operating system: deb and apk."""
        return (*read_dpkg(self.root), *read_apk(self.root))

    @cached_property
    def python(self) -> tuple[Package, ...]:
        return read_distributions(self.root)

    @cached_property
    def npm(self) -> tuple[Package, ...]:
        return read_npm(self.root)

    @cached_property
    def gems(self) -> tuple[Package, ...]:
        return read_gems(self.root)

    @property
    def languages(self) -> tuple[Package, ...]:
        return (*self.python, *self.npm, *self.gems)

    @property
    def all(self) -> tuple[Package, ...]:
        """Every package: a Python distribution that came as a deb is there as both."""
        return (*self.system, *self.languages)

    def owner(self, path: str) -> Package | None:
        """The deb or apk that a file came with; a .pyc that was compiled later is its module's owner's."""
        return _owner(self._system_owners, path)

    def language_owner(self, path: str) -> Package | None:
        """The Python distribution, npm package or gem that a file is of, its records included."""
        return _owner(self._language_owners, path)

    def named(self, kind: str, name: str) -> tuple[Package, ...]:
        """Every package of that name; several where languages or architectures allow it."""
        return self._by_name(kind).get(normal_name(kind, name), ())

    def required(self, package: Package) -> tuple[Package, ...]:
        """The packages that ``package`` needs, as far as they are there: for npm those that Node would find from it,
        for Python those of the same directory before those of others.
        """
        found: dict[int, Package] = {}
        for name in package.requires:
            for each in self._meant(package, name):
                found[id(each)] = each
        return tuple(found.values())

    def npm_from(self, directory: str, name: str) -> Package | None:
        """The npm package that a file in ``directory`` gets when it requires ``name``."""
        for place in seen_from(directory, name):
            if package := self._npm_roots.get(self.root.follow(place)):
                return package
        return None

    def _meant(self, package: Package, name: str) -> tuple[Package, ...]:
        if package.kind == "npm":
            one = self.npm_from(package.root, name)
            return (one,) if one else ()
        all_of_name = self.named(package.kind, name)
        if package.kind == "python":
            return tuple(each for each in all_of_name if each.root == package.root) or all_of_name
        return all_of_name

    @cached_property
    def _npm_roots(self) -> Mapping[str, Package]:
        return {package.root: package for package in self.npm}

    @cached_property
    def _system_owners(self) -> Mapping[str, Package]:
        return _owners(self.system)

    @cached_property
    def _language_owners(self) -> Mapping[str, Package]:
        return _owners(self.languages)

    @cached_property
    def _names(self) -> dict[str, Mapping[str, tuple[Package, ...]]]:
        return {}

    def _by_name(self, kind: str) -> Mapping[str, tuple[Package, ...]]:
        if kind not in self._names:
            pool = {"python": "python", "npm": "npm", "gem": "gems"}.get(kind, "system")
            found: dict[str, list[Package]] = {}
            for package in getattr(self, pool):
                if package.kind == kind:
                    found.setdefault(normal_name(kind, package.name), []).append(package)
            self._names[kind] = {name: tuple(packages) for name, packages in found.items()}
        return self._names[kind]


def read_packages(tree: Tree) -> Packages:
    """The packages of ``tree``; its records are read when they are asked for."""
    return Packages(Root(tree))


def _owners(packages: Iterable[Package]) -> Mapping[str, Package]:
    """Each file's package: of several that list it the first one."""
    owners: dict[str, Package] = {}
    for package in packages:
        for path in (*package.files, *package.records):
            owners.setdefault(path, package)
    return owners


def _owner(owners: Mapping[str, Package], path: str) -> Package | None:
    found = owners.get(path)
    if found is None and _CACHE in path and path.endswith(".pyc"):
        directory, _, name = path.rpartition("/")
        found = owners.get(f"{directory.rpartition('/')[0]}/{name.partition('.')[0]}.py")
    return found
