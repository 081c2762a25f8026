"""The inventory of an image: every package, archive and runtime of its tree, and how they belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from lissom.analysis.inventory.component import Component, File, Inventory, Making
from lissom.analysis.inventory.details import NOTHING, Details
from lissom.analysis.inventory.files import read_files
from lissom.analysis.inventory.go_modules import read_go
from lissom.analysis.inventory.jars import read_jars
from lissom.analysis.inventory.language_details import language_details
from lissom.analysis.inventory.npm_projects import npm_projects
from lissom.analysis.inventory.parts import go_part, jar_part, package_part, runtime_part, system_part
from lissom.analysis.inventory.runtimes import read_runtimes
from lissom.analysis.inventory.system import System, read_system
from lissom.analysis.inventory.system_details import Key, apk_details, deb_details
from lissom.analysis.package import Package
from lissom.analysis.packages import Packages

__all__ = ["Named", "read_inventory"]


@dataclass(frozen=True, slots=True)
class Named:
    """The image as a whole: its name for people, the digest of its manifest, its purl, seconds since 1970."""

    name: str
    digest: str
    purl: str
    created: int


def read_inventory(packages: Packages, image: Named, *, made: Mapping[Key, Making], files: bool = False) -> Inventory:
    """What the tree of ``packages`` is put together of.

    ``made`` tells of debs by name, version and architecture, as far as their making is known. With ``files`` each
    regular file is read, and listed with the component that it came with.
    """
    reader = _Reader(packages, made)
    components = {component.ref: component for component in reader.components()}
    loose: tuple[File, ...] = ()
    if files:
        owned = read_files(packages.root.tree, reader.owner)
        loose = tuple(owned.get("", ()))
        components = {ref: replace(one, files=tuple(owned.get(ref, ()))) for ref, one in components.items()}
    ordered = tuple(components[ref] for ref in sorted(components))
    return Inventory(image.name, image.digest, image.purl, image.created, ordered, loose)


@dataclass
class _Reader:
    packages: Packages
    made: Mapping[Key, Making]
    _places: dict[str, str] = field(default_factory=dict)
    """Refs of what is no package, by the path of its file."""

    def components(self) -> Iterator[Component]:
        """Every component; what came as a part of another one is among what that one holds."""
        rest = [*self._others()]
        pairs = [(self._owner(self._parts[id(package)].found), self._parts[id(package)]) for package in self._languages]
        holds: dict[str, set[str]] = {}
        for holder, part in (*pairs, *rest):
            if holder and holder != part.ref:
                holds.setdefault(holder, set()).add(part.ref)
        for package in self._all:
            part = self._parts[id(package)]
            requires = {self._parts[id(other)].ref for other in self.packages.required(package)} - {part.ref}
            yield replace(part, requires=tuple(sorted(requires)), holds=tuple(sorted(holds.get(part.ref, ()))))
        for _, part in rest:
            yield replace(part, holds=tuple(sorted(holds.get(part.ref, ()))))

    def owner(self, path: str) -> str:
        """The ref of the component that a file came with, empty for none."""
        package = self.packages.owner(path) or self.packages.language_owner(path)
        return self._parts[id(package)].ref if package else self._places.get(path, "")

    def _owner(self, found: str) -> str:
        package = self.packages.owner(found.removeprefix("/"))
        return self._parts[id(package)].ref if package else ""

    @cached_property
    def _languages(self) -> list[Package]:
        return [*self.packages.languages, *npm_projects(self.packages)]

    @cached_property
    def _all(self) -> list[Package]:
        return [*self.packages.system, *self._languages]

    @cached_property
    def _system(self) -> System:
        return read_system(self.packages.root)

    @cached_property
    def _parts(self) -> Mapping[int, Component]:
        """Packages as components: there may be several that are alike, so each is known by itself."""
        found: dict[int, Component] = {}
        for package in self._all:
            known = self.made if package.kind == "deb" else {}
            making = known.get((package.name, package.version, package.architecture), Making())
            found[id(package)] = package_part(package, self._details(package), self._system, making)
        return found

    def _others(self) -> Iterator[tuple[str, Component]]:
        """What is no package, each with the ref of what holds it."""
        for jar in read_jars(self.packages.root):
            part = jar_part(jar)
            yield self._holder(jar.path), part
            self._places.setdefault(jar.path, part.ref)
        for module in read_go(self.packages.root):
            part = go_part(module)
            yield self._holder(module.path), part
            self._places.setdefault(module.path, part.ref)
        for runtime in read_runtimes(self.packages.root, self.packages.owner):
            part = runtime_part(runtime)
            self._places.setdefault(runtime.path, part.ref)
            yield "", part
        if self._system.id:
            yield "", system_part(self._system)

    def _holder(self, path: str) -> str:
        """Of several projects in one file the first; of an archive in an archive that one; else the file's package."""
        return self._places.get(path) or self._places.get(path.rpartition("!/")[0]) or self._owner(path)

    def _details(self, package: Package) -> Details:
        if package.kind in self._of_system:
            key = (package.name, package.version, package.architecture)
            return self._of_system[package.kind].get(key, NOTHING)
        return language_details(self.packages.root, package)

    @cached_property
    def _of_system(self) -> Mapping[str, Mapping[Key, Details]]:
        return {"deb": deb_details(self.packages.root), "apk": apk_details(self.packages.root)}
