"""Debian's records of what is installed: the status file, status.d of images without dpkg, and lists of files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from lissom.analysis.package import Package
from lissom.analysis.root import Root

__all__ = ["Dpkg", "read_dpkg", "stanza_fields", "stanzas", "sum_path"]

_DIRECTORY = "var/lib/dpkg"
_FIELD = re.compile(
    r"^(Package|Version|Status|Architecture|Depends|Pre-Depends|Provides):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE
)
_NAME = re.compile(r"\s*([a-z0-9][a-z0-9+.\-]*)", re.ASCII)
_SUMS = ".md5sums"
_GONE = frozenset(("not-installed", "config-files"))


def stanzas(text: str) -> Iterator[str]:
    """The paragraphs of ``text`` as they are, without the empty lines between them."""
    return filter(None, re.split(r"\n(?:[ \t]*\n)+", text.strip("\n")))


def stanza_fields(stanza: str) -> dict[str, str]:
    """The fields of one paragraph that matter here; the first of each."""
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(stanza):
        fields.setdefault(name, value)
    return fields


def sum_path(line: str) -> str:
    """The path in a line of md5sums: a sum of 32 digits, a space and a mode sign go before it."""
    return line[34:]


@dataclass(frozen=True)
class Dpkg:
    """dpkg's directory in a tree; paths are where they are, should a link lead to the directory."""

    root: Root

    @cached_property
    def directory(self) -> str:
        return self.root.follow(_DIRECTORY)

    @property
    def status(self) -> str:
        """The path of the status file."""
        return f"{self.directory}/status"

    @property
    def single(self) -> list[str]:
        """The paths of status.d: a file for each package, as images without dpkg have them, and one of its sums."""
        return self.root.tree.children(f"{self.directory}/status.d")

    @cached_property
    def _info(self) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {}
        where = f"{self.directory}/info"
        for path in self.root.tree.children(where):
            stem, _, kind = path[len(where) + 1 :].rpartition(".")
            found.setdefault(stem, {})[kind] = path
        return found

    def info(self, name: str, architecture: str) -> Mapping[str, str]:
        """Paths of the files below info that are one package's, by what they hold: list, md5sums, postinst…"""
        return self._info.get(f"{name}:{architecture}") or self._info.get(name) or {}

    @cached_property
    def _diversions(self) -> Mapping[str, tuple[str, str]]:
        lines = self.root.text(f"{self.directory}/diversions").split("\n")
        rows = zip(lines[0::3], lines[1::3], lines[2::3], strict=False)
        return {original: (diverted, package) for original, diverted, package in rows}

    def diverted(self, path: str, package: str) -> str:
        """Where the file that ``package`` lists as ``path`` was put: all packages but one may have to give way."""
        to = self._diversions.get(path)
        return path if to is None or to[1] == package else to[0]


def read_dpkg(root: Root) -> tuple[Package, ...]:
    """Every installed deb, in the order of the records."""
    dpkg = Dpkg(root)
    found = [*_from_status(dpkg), *_from_status_d(dpkg)]
    providers: dict[str, str] = {}
    for deb in found:
        for name in _groups(deb.provides):
            providers.setdefault(name[0], deb.package.name)
    installed = {deb.package.name for deb in found}
    return tuple(replace(deb.package, requires=tuple(_requires(deb, installed, providers))) for deb in found)


@dataclass(frozen=True)
class _Deb:
    package: Package
    depends: str
    provides: str


def _from_status(dpkg: Dpkg) -> Iterator[_Deb]:
    root, seen = dpkg.root, set[tuple[str, str]]()
    for stanza in stanzas(root.text(dpkg.status)):
        fields = stanza_fields(stanza)
        name, architecture = fields.get("Package", ""), fields.get("Architecture", "")
        state = fields.get("Status", "").split()
        if not name or (name, architecture) in seen or (state and state[-1] in _GONE):
            continue
        seen.add((name, architecture))
        records = dpkg.info(name, architecture)
        paths = root.text(records["list"]).split("\n") if "list" in records else []
        yield _deb(root, fields, (dpkg.diverted(path, name) for path in paths), records.values())


def _from_status_d(dpkg: Dpkg) -> Iterator[_Deb]:
    for path in dpkg.single:
        if path.endswith(_SUMS):
            continue
        fields = stanza_fields(dpkg.root.text(path))
        if fields.get("Package"):
            lines = dpkg.root.text(f"{path}{_SUMS}").split("\n")
            yield _deb(dpkg.root, fields, map(sum_path, lines), (path, f"{path}{_SUMS}"))


def _deb(root: Root, fields: Mapping[str, str], paths: Iterable[str], records: Iterable[str]) -> _Deb:
    files, directories = root.split(path for path in paths if path)
    package = Package(
        "deb",
        fields["Package"],
        fields.get("Version", ""),
        files=files,
        records=frozenset(path for path in records if path in root.tree),
        directories=directories,
        architecture=fields.get("Architecture", ""),
    )
    depends = ",".join(filter(None, (fields.get("Pre-Depends"), fields.get("Depends"))))
    return _Deb(package, depends, fields.get("Provides", ""))


def _groups(relations: str) -> Iterator[list[str]]:
    """``a (>= 1) | b, c`` as names: [a, b], [c]."""
    for group in relations.split(","):
        if names := [match[1] for word in group.split("|") if (match := _NAME.match(word))]:
            yield names


def _requires(deb: _Deb, installed: set[str], providers: Mapping[str, str]) -> dict[str, None]:
    """The packages that stand for the dependencies of one; of alternatives the first that is there."""
    found: dict[str, None] = {}
    for names in _groups(deb.depends):
        for name in names:
            real = name if name in installed else providers.get(name)
            if real is not None:
                found[real] = None
                break
    return found
