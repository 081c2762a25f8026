"""Alpine's record of what is installed; see apk-package(5) and the wiki's page on its format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lissom.analysis.package import Package
from lissom.analysis.root import Root

__all__ = ["apk_record", "apk_stanzas", "read_apk"]

_PLACES = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
_CONSTRAINT = re.compile(r"[<>=~@]")


def apk_record(root: Root) -> str:
    """The path of the record, whether it is there or not."""
    places = [root.follow(place) for place in _PLACES]
    return next((place for place in places if place in root.tree), places[0])


def apk_stanzas(text: str) -> Iterator[list[str]]:
    """The lines of each package."""
    for part in text.split("\n\n"):
        if lines := [line for line in part.split("\n") if line]:
            yield lines


def read_apk(root: Root) -> tuple[Package, ...]:
    """Every installed apk, in the order of the record."""
    found: list[tuple[Package, str]] = []
    providers: dict[str, str] = {}
    for lines in apk_stanzas(root.text(apk_record(root))):
        fields = {line[0]: line[2:] for line in lines if line[1:2] == ":"}
        if not fields.get("P"):
            continue
        files, directories = root.split(_paths(lines))
        package = Package(
            "apk",
            fields["P"],
            fields.get("V", ""),
            files=files,
            directories=directories,
            architecture=fields.get("A", ""),
        )
        found.append((package, fields.get("D", "")))
        for name in (package.name, *_names(fields.get("p", ""))):
            providers.setdefault(name, package.name)
    return tuple(replace(package, requires=_requires(depends, providers)) for package, depends in found)


def _paths(lines: list[str]) -> Iterator[str]:
    directory = ""
    for line in lines:
        if line.startswith("F:"):
            directory = line[2:]
            yield directory
        elif line.startswith("R:"):
            yield f"{directory}/{line[2:]}"


def _names(relations: str) -> Iterator[str]:
    """``so:libc.so=1 cmd:sh>2 !none`` as names, conflicts left out."""
    for word in relations.split():
        if not word.startswith("!"):
            yield _CONSTRAINT.split(word, maxsplit=1)[0]


def _requires(depends: str, providers: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(providers[name] for name in _names(depends) if name in providers))
