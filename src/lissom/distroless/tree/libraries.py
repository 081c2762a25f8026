"""Libraries as ldconfig(8) finds them: in which directories they are, under which names the linker may ask for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lissom.analysis.elf import Elf, read_elf
from lissom.distroless.tree.machines import Machine
from lissom.errors import IntegrityError
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Tree

__all__ = ["Library", "elves", "libraries", "library_directories", "order"]

_LIBRARY = re.compile(r"(?:lib|ld-).*\.so(?!.*-gdb\.py$)")
_MOST_CONFIGS = 200
_SMALLEST = 64
_LARGEST_TEXT = 1 << 16


@dataclass(frozen=True)
class Library:
    """``soname`` is what the linker is asked for, ``directory`` is as the configuration writes it, ``target`` is the
    path of the file in the tree, ``place`` where a link by the name ``soname`` is or has to be.
    """

    soname: str
    directory: str
    place: str
    target: str
    flags: int


def elves(tree: Tree) -> dict[str, Elf]:
    """Every ELF file of ``tree`` by path; of hard links each name."""
    found = {}
    for path, entry in tree.items():
        if entry.kind is Kind.FILE and entry.content is not None and entry.size >= _SMALLEST:
            elf = read_elf(entry.content)
            if elf is not None:
                found[path] = elf
    return found


def library_directories(tree: Tree, machine: Machine) -> dict[str, str]:
    """Where libraries of the whole system are, in the order of search: resolved path → path as it is written.

    First what ``/etc/ld.so.conf`` says; without that file, what its usual directory says.
    """
    first = "etc/ld.so.conf"
    written = [*_configured(tree, first if first in tree else "etc/ld.so.conf.d/*.conf")]
    written += [f"/lib/{machine.triplet}", f"/usr/lib/{machine.triplet}", "/lib", "/usr/lib"]
    found: dict[str, str] = {}
    for directory in written:
        resolved = _target(tree, directory)
        if resolved in tree and tree[resolved].is_directory:
            found.setdefault(resolved, directory.rstrip("/"))
    return found


def libraries(tree: Tree, files: Mapping[str, Elf], machine: Machine) -> list[Library]:
    """All that ldconfig would list of ``tree``, whose ELF files are ``files``, in the order of search."""
    return [
        library
        for resolved, written in library_directories(tree, machine).items()
        for library in _in_directory(tree, files, machine, resolved, written)
    ]


def order(name: str) -> tuple[tuple[int, int], ...]:
    """How the linker sorts names of libraries: numbers by value, and after everything else."""
    return tuple((1, int(part)) if part.isdecimal() else (0, ord(part)) for part in re.findall(r"[0-9]+|.", name))


def _in_directory(
    tree: Tree, files: Mapping[str, Elf], machine: Machine, resolved: str, written: str
) -> Iterator[Library]:
    """One library for each name: a file is better than a link, the later version better than the earlier."""
    best: dict[str, tuple[tuple[bool, tuple[tuple[int, int], ...]], Library]] = {}
    for path in tree.children(resolved):
        name = path.rpartition("/")[2]
        target = _target(tree, path)
        elf = files.get(target) if _LIBRARY.match(name) else None
        flags = machine.flags.get((elf.machine, elf.bits)) if elf is not None and elf.type == "dyn" else None
        if elf is None or flags is None:
            continue
        soname = elf.soname or name
        linked = tree[path].kind is Kind.SYMLINK and (
            name == soname or (name.endswith(".so") and soname.startswith(name))
        )
        soname = name if linked else soname
        rank = (not linked, order(name))
        if soname not in best or best[soname][0] < rank:
            best[soname] = (rank, Library(soname, written, f"{resolved}/{soname}", path, flags))
    yield from (library for _, library in best.values())


def _target(tree: Tree, path: str) -> str:
    """Where ``path`` leads; a link in a circle leads to itself."""
    try:
        return tree.resolve(path)
    except IntegrityError:
        return path


def _configured(tree: Tree, first: str) -> Iterator[str]:
    """Directories that the files ``first`` and those that they include name; see ldconfig(8)."""
    waiting, seen = _matching(tree, first), set[str]()
    while waiting and len(seen) < _MOST_CONFIGS:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        for line in _lines(tree, path):
            words = line.partition("#")[0].split()
            if words[:1] == ["include"]:
                relative = (word if word.startswith("/") else f"{path.rpartition('/')[0]}/{word}" for word in words[1:])
                waiting[:0] = [one for glob in relative for one in _matching(tree, glob)]
            elif words and words[0].startswith("/"):
                yield words[0].partition("=")[0]


def _matching(tree: Tree, glob: str) -> list[str]:
    """Files that an include names; only the last part may be a pattern, as everywhere it is."""
    directory, _, name = glob.rpartition("/")
    place = _target(tree, directory)
    names = (path.rpartition("/")[2] for path in tree.children(place))
    return [f"{place}/{one}" for one in names if fnmatchcase(one, name)]


def _lines(tree: Tree, path: str) -> list[str]:
    entry = tree.get(_target(tree, path))
    if entry is None or entry.content is None:
        return []
    with entry.content.open() as stream:
        return stream.read(_LARGEST_TEXT).decode("utf-8", "replace").splitlines()
