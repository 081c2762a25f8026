"""What an archive offers: packages by name and by what they provide. Paragraphs are parsed when they are asked for."""

from __future__ import annotations

import functools
import re

from lissom.distroless.archive.control import Package, parse_paragraph
from lissom.distroless.archive.table import Table
from lissom.distroless.archive.uri import shown
from lissom.distroless.archive.version import compare
from lissom.errors import IntegrityError, UsageError

__all__ = ["PackageIndex"]

_NEEDED = ("Version", "Architecture", "Filename", "Size", "Sha256")
_FORMS = {
    "Package": re.compile(r"[a-zA-Z0-9][a-zA-Z0-9+.-]*"),
    "Version": re.compile(r"[a-zA-Z0-9][a-zA-Z0-9+.:~-]*"),
    "Architecture": re.compile(r"[a-z0-9][a-z0-9-]*"),
    "Filename": re.compile(r"(?!/)(?!(.*/)?\.\.(/|$))[^\x00-\x20\x7f\\]+"),
    "Sha256": re.compile("[0-9a-fA-F]{64}"),
    "Size": re.compile("[0-9]{1,10}"),
}
"""What comes from an index becomes part of paths and URIs."""


@functools.cmp_to_key
def _by_version(one: Package, other: Package) -> int:
    return compare(one.version, other.version)


class PackageIndex:
    """The packages of one architecture over all suites."""

    def __init__(self, architecture: str) -> None:
        self.architecture = architecture
        self._tables: list[tuple[Table, str]] = []
        self._found: dict[str, Package | None] = {}
        self._providers: dict[str, list[Package]] = {}

    def add(self, table: Table, base: str) -> None:
        """Add the Packages file of the archive at ``base``."""
        self._tables.append((table, base))

    def find(self, name: str) -> Package | None:
        """The newest package of that name, as apt's candidate with equal pins. Raises IntegrityError."""
        if name not in self._found:
            self._found[name] = max(self.versions(name), key=_by_version, default=None)
        return self._found[name]

    def versions(self, name: str) -> list[Package]:
        """All packages of that name. Raises IntegrityError."""
        found = [self._package(text, base) for table, base in self._tables for text in table.paragraphs(name)]
        return [package for package in found if package.architecture in (self.architecture, "all")]

    def pin(self, name: str, version: str) -> None:
        """Let ``version`` be what is found of ``name``. Raises UsageError when the archive does not have it."""
        there = self.versions(name)
        fitting = [package for package in there if compare(package.version, version) == 0]
        if not fitting:
            known = ", ".join(package.version for package in sorted(there, key=_by_version, reverse=True))
            raise UsageError(
                f"cannot install `{name}={version}`: the archive does not have this version",
                hint=f"it has {known}; `snapshot:` reaches archives of the past" if known else None,
            )
        self._found[name] = fitting[0]
        self._providers.clear()

    def providers(self, name: str) -> list[Package]:
        """The candidates that provide ``name``, by name."""
        if name not in self._providers:
            names = {provider for table, _ in self._tables for provider in table.providers(name)}
            found = (self.find(provider) for provider in sorted(names))
            self._providers[name] = [one for one in found if one and any(g.name == name for g in one.provides())]
        return self._providers[name]

    def mention(self, name: str) -> tuple[int, int]:
        """When apt would first have read of ``name``: in which index, and where in it."""
        for number, (table, _) in enumerate(self._tables):
            if (place := table.mention(name)) is not None:
                return number, place
        return len(self._tables), 0

    def required(self) -> list[Package]:
        """Essential packages and those of priority required, by name."""
        names = {name for table, _ in self._tables for name in table.essential()}
        found = (self.find(name) for name in sorted(names))
        return [package for package in found if package and (package.essential or package.priority == "required")]

    def names(self) -> list[str]:
        """Every name, for hints."""
        return [name for table, _ in self._tables for name in table.names()]

    @staticmethod
    def _package(text: str, base: str) -> Package:
        fields = parse_paragraph(text)
        what = f"package `{fields.get('Package')}` of {shown(base)}"
        if missing := [name for name in _NEEDED if not fields.get(name)]:
            raise IntegrityError(f"cannot use {what}: it has no {missing[0]} field")
        for name, form in _FORMS.items():
            if not form.fullmatch(fields[name]):
                raise IntegrityError(f"cannot use {what}: `{fields[name][:80]}` is no {name}")
        return Package(fields, base)
