"""Java archives: what Maven's records, the manifest and the file's name say that is in them, archives inside too."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from lissom.analysis.root import Root
from lissom.analysis.zips import DAMAGED
from lissom.rootfs.entry import Entry, Kind

__all__ = ["Jar", "read_jars"]

_ENDS = (".jar", ".war", ".ear")
_POM = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
_STEM = re.compile(r"(?P<name>.+?)-(?P<version>\d.*)")
_PROPERTY = re.compile(r"^(groupId|artifactId|version)[ \t]*[=:][ \t]*(\S+)[ \t]*$", re.MULTILINE)
_DOMAIN = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+", re.IGNORECASE)
_VERSIONS = ("Implementation-Version", "Specification-Version", "Bundle-Version")
_LARGEST = 1 << 30
_LARGEST_INSIDE = 64 << 20
_LARGEST_RECORD = 1 << 20
_LARGEST_TABLE = 32 << 20
_DEEPEST = 3
_END = (1 << 16) + 22
_ENDING = re.compile(rb"PK\x05\x06")
_ENDING_64 = b"PK\x06\x07"


@dataclass(frozen=True, slots=True)
class Jar:
    """One project whose classes are in the archive ``path``; ``!/`` in it leads into an archive in an archive."""

    path: str
    group: str
    name: str
    version: str
    licence: str = ""
    vendor: str = ""


def read_jars(root: Root) -> Iterator[Jar]:
    """Every project of every archive of the tree; what cannot be read is none. One file has one name."""
    seen: set[str] = set()
    for path, entry in root.tree.items():
        if path.endswith(_ENDS) and entry.kind is Kind.FILE and (not entry.inode or entry.inode not in seen):
            seen.add(entry.inode)
            yield from _of_file(path, entry)


def _of_file(path: str, entry: Entry) -> list[Jar]:
    if entry.content is None or entry.size > _LARGEST:
        return []
    try:
        with entry.content.open() as stream:
            return list(_Reader().read(path, stream, 0))
    except DAMAGED:
        return []


class _Reader:
    """Reads one file and what is inside; all that is unpacked for it together has a limit."""

    def __init__(self) -> None:
        self._left = 8 * _LARGEST_INSIDE

    def read(self, path: str, stream: BinaryIO, depth: int) -> Iterator[Jar]:
        if not _is_small(stream):
            return
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            said = _manifest(self._text(archive, "META-INF/MANIFEST.MF") if "META-INF/MANIFEST.MF" in names else "")
            poms = [_pom(self._text(archive, name)) for name in names if _POM.fullmatch(name)]
            yield from _projects(path, said, poms)
            for name in names:
                if name.endswith(_ENDS) and depth < _DEEPEST:
                    yield from self._inside(archive, path, name, depth)

    def _inside(self, archive: zipfile.ZipFile, path: str, name: str, depth: int) -> Iterator[Jar]:
        size = archive.getinfo(name).file_size
        if size > min(_LARGEST_INSIDE, self._left):
            return
        self._left -= size
        try:
            with archive.open(name) as packed:
                data = packed.read(size)
            yield from self.read(f"{path}!/{name}", io.BytesIO(data), depth + 1)
        except DAMAGED:
            return

    def _text(self, archive: zipfile.ZipFile, name: str) -> str:
        with archive.open(name) as file:
            return file.read(_LARGEST_RECORD).decode("utf-8", "replace")


def _is_small(stream: BinaryIO) -> bool:
    """Whether the table of an archive may be read as a whole: every end of one that there might be says its size."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _END))
    tail = stream.read(_END)
    sizes = (
        int.from_bytes(tail[match.start() + 12 : match.start() + 16], "little") for match in _ENDING.finditer(tail)
    )
    return _ENDING_64 not in tail and all(size <= _LARGEST_TABLE for size in sizes)


def _projects(path: str, said: Mapping[str, str], poms: list[Jar]) -> Iterator[Jar]:
    """The archive's own project first, then those whose classes were put into it."""
    stem = re.split(r"[/!]", path)[-1].rpartition(".")[0]
    match = _STEM.fullmatch(stem)
    name, version = (match["name"], match["version"]) if match else (stem, "")
    own = next((pom for pom in poms if pom.name in (name, stem)), None)
    version = version or next((said[key] for key in _VERSIONS if said.get(key)), "")
    licence = said.get("Bundle-License", "").partition(";")[0].strip(' "')
    vendor = said.get("Implementation-Vendor") or said.get("Bundle-Vendor", "")
    if own is None:
        yield Jar(path, _group(said, name), name, version, licence, vendor)
    else:
        yield Jar(path, own.group, own.name, own.version or version, licence, vendor)
    for pom in poms:
        if pom.name and pom is not own:
            yield Jar(path, pom.group, pom.name, pom.version)


def _group(said: Mapping[str, str], name: str) -> str:
    """The organisation's domain, as far as the manifest tells it; without one a project's name stands for it."""
    if _DOMAIN.fullmatch(vendor := said.get("Implementation-Vendor-Id", "")):
        return vendor
    bundle = said.get("Bundle-SymbolicName", "").partition(";")[0].strip()
    above = bundle.removesuffix(f".{name}")
    return next((word for word in (above, bundle) if _DOMAIN.fullmatch(word)), name)


def _manifest(text: str) -> dict[str, str]:
    """The main section, lines that were broken joined again (JAR file specification)."""
    main = re.split(r"\r?\n\r?\n", re.sub(r"\r?\n ", "", text), maxsplit=1)[0]
    pairs = (line.partition(":") for line in main.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _pom(text: str) -> Jar:
    said = dict(_PROPERTY.findall(text.replace("\r", "")))
    return Jar("", said.get("groupId", ""), said.get("artifactId", ""), said.get("version", ""))
