"""Python distributions: dist-info and egg-info directories, and the files that are theirs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from lissom.analysis.package import Package, normal_name
from lissom.analysis.root import Root
from lissom.rootfs.entry import parent_of

__all__ = ["read_distributions", "record_rows"]

_SUFFIXES = (".dist-info", ".egg-info")
_HEADER = re.compile(r"^(Name|Version|Requires-Dist): *(.*)$", re.MULTILINE | re.IGNORECASE)
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._\-]*)", re.ASCII)
_TOP_LEVEL = re.compile(r"[A-Za-z0-9_\-]+(?:/[A-Za-z0-9_\-]+)*", re.ASCII)
_LINE = re.compile(r"[^\n]+\n?")
_IN_QUOTES = re.compile(r'"((?:[^"]|"")*+)"')
_EXTRA = re.compile(r"\bextra\s*==")


def record_rows(text: str) -> Iterator[tuple[str, str]]:
    """Path and line of each row of a RECORD; the line as it is, its end with it."""
    for line in _LINE.findall(text):
        if line.startswith('"'):
            match = _IN_QUOTES.match(line)
            yield (match[1].replace('""', '"') if match else ""), line
        else:
            yield line.rstrip("\r\n").rsplit(",", 2)[0], line


def read_distributions(root: Root) -> tuple[Package, ...]:
    """Every distribution of every site directory. What a RECORD lists is not given to one that has none."""
    places = [path for path in root.tree if path.endswith(_SUFFIXES)]
    listed: dict[str, list[str]] = {}
    for path in places:
        if (files := _listed(root, path)) is not None:
            listed[path] = files
    importable = _Importable(root, {file for files in listed.values() for file in files})
    return tuple(_distribution(root, path, listed.get(path), importable) for path in places)


def _distribution(root: Root, path: str, listed: list[str] | None, importable: _Importable) -> Package:
    info = root.follow(path)
    single = not root.tree[path].is_directory and not root.tree.children(info)
    records = {path} if single else set(root.tree.children(info))
    site = parent_of(path)
    text = root.text(path) or root.text(f"{info}/METADATA") or root.text(f"{info}/PKG-INFO")
    fields = _fields(text)
    stem = path.rpartition("/")[2].rpartition(".")[0].split("-")
    name = (fields.get("name") or [stem[0]])[0]
    if listed is None:
        tops = _tops(root.text(f"{info}/top_level.txt"), name)
        listed = list(importable.take(site, tops))
    requires = [*_needed(fields.get("requires-dist", ())), *_egg_requires(root.text(f"{info}/requires.txt"))]
    return Package(
        "python",
        name,
        (fields.get("version") or stem[1:2] or [""])[0],
        files=frozenset(listed) - records,
        requires=tuple(dict.fromkeys(normal_name("python", each) for each in requires)),
        root=site,
        records=frozenset(records),
    )


def _listed(root: Root, path: str) -> list[str] | None:
    """The files that a RECORD or installed-files.txt names, as far as they are there; None without one."""
    info = root.follow(path)
    site = parent_of(path)
    if text := root.text(f"{info}/RECORD"):
        names = (posixpath.join("/", site, name) for name, _ in record_rows(text))
    elif text := root.text(f"{info}/installed-files.txt"):
        names = (posixpath.join("/", info, name) for name in text.splitlines())
    else:
        return None
    return sorted(root.split(names)[0])


def _fields(text: str) -> Mapping[str, list[str]]:
    fields: dict[str, list[str]] = {}
    head = text.partition("\n\n")[0].replace("\r", "")
    for name, value in _HEADER.findall(head):
        fields.setdefault(name.lower(), []).append(value.strip())
    return fields


def _needed(requirements: Iterable[str]) -> Iterator[str]:
    """Names of requirements that are not an extra's; other markers count as true."""
    for requirement in requirements:
        match = _NAME.match(requirement)
        if match and not _EXTRA.search(requirement.partition(";")[2]):
            yield match[1]


def _egg_requires(text: str) -> Iterator[str]:
    """Names in requires.txt outside of extras; a section ``[:marker]`` is none."""
    for line in text.splitlines():
        if line.startswith("["):
            if not line.startswith("[:"):
                return
        elif match := _NAME.match(line):
            yield match[1]


def _tops(text: str, name: str) -> list[str]:
    """The names that can be imported; without a list the one that is like the distribution's."""
    return [line for line in text.split() if _TOP_LEVEL.fullmatch(line)] or [
        normal_name("python", name).replace("-", "_")
    ]


class _Importable:
    """Files of site directories by the name that imports them; each is given out once."""

    def __init__(self, root: Root, claimed: Iterable[str]) -> None:
        self._root = root
        self._claimed = set(claimed)
        self._modules: dict[str, dict[str, list[str]]] = {}
        self._walked: set[str] = set()

    def take(self, site: str, tops: Iterable[str]) -> Iterator[str]:
        """Packages, modules and extension modules of the names ``tops``, compiled forms with them."""
        where = f"{site}/" if site else ""
        for top in tops:
            found = [path for each in (site, f"{where}__pycache__") for path in self._named(each).pop(top, ())]
            if (directory := f"{where}{top}") not in self._walked:
                self._walked.add(directory)
                found.extend(self._root.files_below(directory))
            yield from (path for path in found if path not in self._claimed)

    def _named(self, directory: str) -> dict[str, list[str]]:
        if directory not in self._modules:
            names = self._modules[directory] = {}
            for path in self._root.tree.children(directory):
                if path.endswith((".py", ".pyc", ".so")):
                    names.setdefault(path.rpartition("/")[2].partition(".")[0], []).append(path)
        return self._modules[directory]
