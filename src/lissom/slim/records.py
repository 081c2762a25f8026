"""What package managers and scanners read, cut down to what stays: they list exactly the packages that are still there.

A package of the operating system stays when a file of its stays that is neither documentation nor a record.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from lissom.analysis.apk import apk_record, apk_stanzas
from lissom.analysis.distributions import record_rows
from lissom.analysis.dpkg import Dpkg, stanza_fields, stanzas, sum_path
from lissom.analysis.packages import Package, Packages
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree

__all__ = ["record_paths", "reduced", "staying"]

_DOCUMENTATION = tuple(f"usr/share/{name}/" for name in ("doc", "man", "info", "lintian", "doc-base", "bug"))
_IDENTITY = ("etc/os-release", "usr/lib/os-release", "etc/debian_version", "etc/alpine-release", "etc/lsb-release")
_METADATA = ("METADATA", "PKG-INFO", "RECORD", "installed-files.txt", "top_level.txt", ".egg-info")


def staying(packages: Packages, kept: Collection[str]) -> tuple[Package, ...]:
    """The packages of the operating system that are still there when only ``kept`` is."""
    have = frozenset(kept)
    return tuple(package for package in packages.system if _stays(package, have))


def record_paths(packages: Packages, kept: Collection[str]) -> frozenset[str]:
    """Paths of the tree without which nobody sees what stays: the system's name, package records, licences of debs,
    and what says that a Python distribution, npm package or gem is there of which a file stays.
    """
    root, dpkg = packages.root, Dpkg(packages.root)
    single, have = set(dpkg.single), frozenset(kept)
    found = {path for path in (*_IDENTITY, dpkg.status, apk_record(root)) if root.follow(path) in root.tree}
    for package in staying(packages, have):
        licence = f"usr/share/doc/{package.name}/copyright"
        if package.kind == "deb" and root.follow(licence) in root.tree:
            found.add(licence)
        found.update(path for path in package.records if path in single)
    for package in packages.languages:
        if not have.isdisjoint(package.files):
            found.update(path for path in package.records if package.kind != "python" or path.endswith(_METADATA))
    return frozenset(found)


def reduced(tree: Tree, packages: Packages, kept: Collection[str]) -> Mapping[str, Entry | None]:
    """Records as they are to be when only ``kept`` stays, by path: entries with mode, owner and time as before, None
    for those of packages that are gone. Whoever calls puts the entries in place, kept or not.

    package.json and METADATA stay as they are.
    """
    return _Reduction(tree, packages, kept).records


class _Reduction:
    def __init__(self, tree: Tree, packages: Packages, kept: Collection[str]) -> None:
        self.tree = tree
        self.packages = packages
        self.kept = frozenset(kept)
        self.root = packages.root
        self.records: dict[str, Entry | None] = {}
        self._dpkg()
        self._apk()
        self._python()

    @cached_property
    def staying(self) -> frozenset[Package]:
        return frozenset(staying(self.packages, self.kept))

    def _dpkg(self) -> None:
        dpkg = Dpkg(self.root)
        debs = [package for package in self.packages.system if package.kind == "deb"]
        here = {(package.name, package.architecture) for package in debs if package in self.staying}
        parts = [part for part in stanzas(self.root.text(dpkg.status)) if _identity(part) in here]
        self._put(self.root.follow(dpkg.status), "".join(f"{part}\n\n" for part in parts))
        single = set(dpkg.single)
        for package in debs:
            for path in package.records:
                kind = path.rpartition(".")[2]
                if path not in single and kind not in ("list", "md5sums"):
                    continue
                if package not in self.staying:
                    self.records[path] = None
                elif kind == "list":
                    self._put_lines(path, (line for line in self._lines(path) if self._has(dpkg, package, line)))
                elif kind == "md5sums":
                    sums = (line for line in self._lines(path) if self._has(dpkg, package, f"/{sum_path(line)}"))
                    self._put_lines(path, sums)
                else:
                    self.records[path] = self.tree[path]

    def _apk(self) -> None:
        path = apk_record(self.root)
        here = {(package.name, package.version) for package in self.staying if package.kind == "apk"}
        parts = []
        for lines in apk_stanzas(self.root.text(path)):
            fields = {line[0]: line[2:] for line in lines if line[1:2] == ":"}
            if (fields.get("P", ""), fields.get("V", "")) in here:
                parts.append("".join(f"{line}\n" for line in self._apk_lines(lines)) + "\n")
        self._put(path, "".join(parts))

    def _apk_lines(self, lines: Iterable[str]) -> Iterator[str]:
        """A package's lines without those of directories and files that are gone."""
        directory, stays = "", True
        for line in lines:
            if line.startswith("F:"):
                directory = line[2:]
                stays = self._is_kept(directory)
            elif line.startswith("R:"):
                stays = self._is_kept(f"{directory}/{line[2:]}")
            if stays:
                yield line

    def _python(self) -> None:
        for package in self.packages.python:
            for path in package.records:
                name = path.rpartition("/")[2]
                if name not in ("RECORD", "installed-files.txt") or path not in self.kept:
                    continue
                above = package.root if name == "RECORD" else parent_of(path)
                rows = record_rows(self.root.text(path))
                self._put(path, "".join(line for file, line in rows if self._is_kept(posixpath.join("/", above, file))))

    def _is_kept(self, path: str) -> bool:
        place = self.root.place(path)
        return not place or place in self.kept

    def _has(self, dpkg: Dpkg, package: Package, path: str) -> bool:
        return self._is_kept(dpkg.diverted(path, package.name))

    def _lines(self, path: str) -> list[str]:
        return [line for line in self.root.text(path).split("\n") if line]

    def _put_lines(self, path: str, lines: Iterable[str]) -> None:
        self._put(path, "".join(f"{line}\n" for line in lines))

    def _put(self, path: str, text: str) -> None:
        """The record at ``path`` with another text; gone without one."""
        entry = self.tree.get(path)
        if entry is None or entry.kind is not Kind.FILE:
            return
        data = text.encode("utf-8", "surrogateescape")
        self.records[path] = replace(entry, size=len(data), content=Inline(data), inode="") if data else None


def _stays(package: Package, kept: frozenset[str]) -> bool:
    return any(not path.startswith(_DOCUMENTATION) for path in package.files & kept)


def _identity(stanza: str) -> tuple[str, str]:
    fields = stanza_fields(stanza)
    return fields.get("Package", ""), fields.get("Architecture", "")
