"""Debian's records of what is installed: the status file, status.d of images without dpkg, and lists of files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lissom.analysis.package import Package
from lissom.analysis.root import Root

__all__ = ["DIRECTORY", "INFO", "STATUS", "STATUS_D", "info_files", "info_of", "read_dpkg", "stanza_fields", "stanzas"]

DIRECTORY = "var/lib/dpkg"
STATUS = f"{DIRECTORY}/status"
STATUS_D = f"{DIRECTORY}/status.d"
INFO = f"{DIRECTORY}/info"

_FIELD = re.compile(
    r"^(Package|Version|Status|Architecture|Depends|Pre-Depends|Provides):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE
)
_NAME = re.compile(r"\s*([a-z0-9][a-z0-9+.\-]*)", re.ASCII)
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


def info_files(root: Root) -> Mapping[str, Mapping[str, str]]:
    """Files below info by the package's name (with its architecture where the file has it), then by what they hold."""
    found: dict[str, dict[str, str]] = {}
    for path in root.tree.children(INFO):
        stem, _, kind = path[len(INFO) + 1 :].rpartition(".")
        found.setdefault(stem, {})[kind] = path
    return found


def info_of(files: Mapping[str, Mapping[str, str]], name: str, architecture: str) -> Mapping[str, str]:
    """Those of one package, by what they hold: list, md5sums, postinst…"""
    return files.get(f"{name}:{architecture}") or files.get(name) or {}


def read_dpkg(root: Root) -> tuple[Package, ...]:
    """Every installed deb, in the order of the records."""
    found = [*_from_status(root), *_from_status_d(root)]
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


@dataclass
class _Diversions:
    """Where the files of all packages but one really are."""

    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Root) -> _Diversions:
        lines = root.text(f"{DIRECTORY}/diversions").split("\n")
        rows = zip(lines[0::3], lines[1::3], lines[2::3], strict=False)
        return cls({original: (diverted, package) for original, diverted, package in rows})

    def apply(self, paths: list[str], package: str) -> list[str]:
        if self.places.keys().isdisjoint(paths):
            return paths
        return [path if (to := self.places.get(path)) is None or to[1] == package else to[0] for path in paths]


def _from_status(root: Root) -> Iterator[_Deb]:
    diversions, info, seen = _Diversions.read(root), info_files(root), set[tuple[str, str]]()
    for stanza in stanzas(root.text(STATUS)):
        fields = stanza_fields(stanza)
        name, architecture = fields.get("Package", ""), fields.get("Architecture", "")
        state = fields.get("Status", "").split()
        if not name or (name, architecture) in seen or (state and state[-1] in _GONE):
            continue
        seen.add((name, architecture))
        records = info_of(info, name, architecture)
        paths = root.text(records["list"]).split("\n") if "list" in records else []
        yield _deb(root, fields, diversions.apply(paths, name), records.values())


def _from_status_d(root: Root) -> Iterator[_Deb]:
    for path in root.tree.children(STATUS_D):
        if path.endswith(".md5sums"):
            continue
        fields = stanza_fields(root.text(path))
        if fields.get("Package"):
            sums = f"{path}.md5sums"
            lines = root.text(sums).split("\n")
            yield _deb(root, fields, [line[34:] for line in lines if len(line) > 34], (path, sums))


def _deb(root: Root, fields: Mapping[str, str], paths: list[str], records: Iterable[str]) -> _Deb:
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
