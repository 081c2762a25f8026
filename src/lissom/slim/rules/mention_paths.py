"""What a path that a program's text names means in a tree: a file, a directory's files, or what a pattern matches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import Kind, parent_of
from lissom.slim.areas import areas

if TYPE_CHECKING:
    from lissom.slim.scene import Scene

__all__ = ["MANUALS", "files_meant"]

_BROAD = """
usr usr/bin usr/sbin usr/lib usr/lib64 usr/libexec usr/share usr/local usr/local/bin usr/local/sbin usr/local/lib
usr/local/share usr/local/etc usr/include usr/src bin sbin lib lib64 etc var var/lib var/log var/cache var/tmp var/spool
var/run var/www opt home root srv tmp run mnt media boot proc sys dev usr/share/doc usr/share/man usr/share/locale
usr/lib/locale usr/lib/x86_64-linux-gnu usr/lib/aarch64-linux-gnu lib/x86_64-linux-gnu go go/src data app workspace
"""
"""Directories that are named for what is somewhere in them, not for all that is in them."""

_BROAD_PATHS = frozenset(_BROAD.split())
_KERNEL = ("proc/", "sys/", "dev/", "run/", "tmp/")
_SOURCE = (".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".go", ".rs", ".s", ".S", ".java", ".pyx")
_FILLED = re.compile(r"%[sdiu]|\$?\{[^{}/\s]*\}|#\{[^{}/\s]*\}|\$\w+|\*")
MANUALS = ("-doc", "-docs", "-examples")
"""Packages that people read: a server that is told to show them shows what was seen used of them."""
_MOST_FILES = 3000
_MOST_BYTES = 32 << 20
_LARGEST_FILE = 128 << 20


def files_meant(scene: Scene, path: str) -> Iterator[str]:
    """Files of the tree that ``path`` means, links not followed; nothing for what is too common or too much."""
    clean = path.strip("/")
    if not clean or clean.startswith(_KERNEL) or len(clean) > 1000:
        return
    if _FILLED.search(clean):
        yield from _matching(scene, clean)
        return
    real = scene.resolve(clean)
    entry = scene.tree.get(real)
    if entry is None:
        return
    if entry.is_directory:
        yield from _below(scene, real)
    elif entry.kind is Kind.FILE and entry.size <= _LARGEST_FILE and not _is_source(scene, real):
        yield clean


def _is_source(scene: Scene, path: str) -> bool:
    """Whether a compiler read it: binaries say what they were made of."""
    return path.endswith(_SOURCE) or any(path.startswith(f"{root}/") for root in areas(scene).toolchains)


def _is_broad(scene: Scene, directory: str) -> bool:
    found = areas(scene)
    places = (*found.python_stdlibs, *found.python_sites, *found.node_modules, *found.jdks, *found.toolchains)
    workdir = scene.resolve(str(scene.config.get("WorkingDir") or ""))
    holds = f"{directory}/"
    return directory in _BROAD_PATHS or any(
        f"{place}/".startswith(holds) for place in (*places, *filter(None, [workdir]))
    )


def _below(scene: Scene, directory: str) -> Iterator[str]:
    """Files below a directory, if they are not many."""
    if "/" not in directory or _is_broad(scene, directory):
        return
    found: list[str] = []
    size = 0
    mine = areas(scene)
    for entry in scene.tree.below(directory):
        if entry.is_directory or entry.name.endswith(".pyc"):
            continue
        owner = scene.owner(entry.path)
        if entry.kind is Kind.FILE and owner is None and not mine.own(entry.path):
            continue
        if owner is not None and owner.name.endswith(MANUALS):
            continue
        found.append(entry.path)
        size += entry.size
        if len(found) > _MOST_FILES or size > _MOST_BYTES:
            return
    yield from found


def _matching(scene: Scene, pattern: str) -> Iterator[str]:
    """Files that fit a path with gaps: a gap stands for any name, or part of one, not for several directories."""
    parts = pattern.split("/")
    first = next(number for number, part in enumerate(parts) if _FILLED.search(part))
    base = scene.resolve("/".join(parts[:first]))
    entry = scene.tree.get(base)
    if entry is None or not entry.is_directory or first == 0:
        return
    found = [base]
    for part in parts[first:]:
        regex = re.compile("".join("[^/]*" if _FILLED.fullmatch(bit) else re.escape(bit) for bit in _split(part)))
        found = [
            child
            for directory in found
            for child in scene.tree.children(directory)
            if regex.fullmatch(child.rpartition("/")[2])
        ][:_MOST_FILES]
    whole = first >= 2 or base not in _BROAD_PATHS
    yield from (path for path in found if whole and scene.is_file(path) and parent_of(path))


def _split(part: str) -> list[str]:
    bits: list[str] = []
    at = 0
    for match in _FILLED.finditer(part):
        bits += [part[at : match.start()], match[0]]
        at = match.end()
    return [bit for bit in (*bits, part[at:]) if bit]
