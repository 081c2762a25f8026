"""What an archive offers: packages by name and by what they provide. Paragraphs are parsed when they are asked for."""

from __future__ import annotations

import functools
import re
from collections import defaultdict

from lissom.distroless.control import Package, parse_paragraph
from lissom.distroless.version import compare
from lissom.errors import IntegrityError

__all__ = ["PackageIndex"]

_NAME = re.compile(r"(?:^|\n)Package: *(\S+)")
_PROVIDES = re.compile(r"\nProvides: *([^\n]*)")
_PROVIDED = re.compile(r"(?:^|,)\s*([a-z0-9][a-z0-9+.\-]*)")
_REQUIRED = re.compile(r"\n(?:Essential: yes|Priority: required)\n")
_NEEDED = ("Version", "Architecture", "Filename", "Size", "Sha256")


@functools.cmp_to_key
def _by_version(one: Package, other: Package) -> int:
    return compare(one.version, other.version)


class PackageIndex:
    """The packages of one architecture over all suites."""

    def __init__(self, architecture: str) -> None:
        self.architecture = architecture
        self._texts: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._providers: defaultdict[str, set[str]] = defaultdict(set)
        self._required: set[str] = set()
        self._parsed: dict[str, Package | None] = {}

    def add(self, text: str, base: str) -> None:
        """Add a Packages file of the archive at ``base``."""
        for paragraph in text.split("\n\n"):
            match = _NAME.search(paragraph)
            if not match:
                continue
            name = match[1]
            self._texts[name].append((paragraph, base))
            if provides := _PROVIDES.search(paragraph):
                for provided in _PROVIDED.findall(provides[1]):
                    self._providers[provided].add(name)
            if _REQUIRED.search(paragraph + "\n"):
                self._required.add(name)

    def find(self, name: str) -> Package | None:
        """The newest package of that name, as apt's candidate with equal pins. Raises IntegrityError."""
        if name not in self._parsed:
            found = [self._package(text, base) for text, base in self._texts.get(name, ())]
            fitting = [package for package in found if package.architecture in (self.architecture, "all")]
            self._parsed[name] = max(fitting, key=_by_version, default=None)
        return self._parsed[name]

    def providers(self, name: str) -> list[Package]:
        """The candidates that provide ``name``, by name."""
        found = (self.find(provider) for provider in sorted(self._providers.get(name, ())))
        return [one for one in found if one and any(given.name == name for given in one.provides())]

    def required(self) -> list[Package]:
        """Essential packages and those of priority required, by name."""
        return [package for name in sorted(self._required) if (package := self.find(name))]

    def names(self) -> list[str]:
        """Every name, for hints."""
        return list(self._texts)

    @staticmethod
    def _package(text: str, base: str) -> Package:
        fields = parse_paragraph(text)
        if missing := [name for name in _NEEDED if not fields.get(name)]:
            raise IntegrityError(
                f"cannot use package `{fields.get('Package')}` of {base}: it has no {missing[0]} field"
            )
        return Package(fields, base)
