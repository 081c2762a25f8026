"""What the dynamic linker loads before a program starts: the interpreter and the libraries that a file names."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from lissom.analysis.elf import Elf
from lissom.rootfs.entry import parent_of
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.scene import Scene

__all__ = ["RULES", "cost_of", "find_library", "library_directories"]

_STANDARD = ("lib", "usr/lib", "lib64", "usr/lib64", "usr/local/lib", "lib32", "usr/lib32", "libx32", "usr/libx32")
_MOST_CONFIGS = 200
_MOST_PLACES = 4


def library_directories(scene: Scene) -> tuple[str, ...]:
    """Where libraries of the whole system are, in the order of search: of LD_LIBRARY_PATH, ld.so.conf, the standard."""
    found = scene.memo.get("linker.directories")
    if found is None:
        named = [*scene.env.get("LD_LIBRARY_PATH", "").split(":"), *_configured(scene)]
        local = [
            path for base in _STANDARD[:2] for path in scene.children(base) if "-linux-" in path.rpartition("/")[2]
        ]
        places = (scene.resolve(path) for path in (*filter(None, named), *local, *_STANDARD))
        found = tuple(dict.fromkeys(path for path in places if path in scene.tree and scene.tree[path].is_directory))
        scene.memo["linker.directories"] = found
    return tuple(found)


def find_library(scene: Scene, name: str, elf: Elf, origin: str) -> Iterator[str]:
    """Paths of the library ``name`` for a file that is in ``origin``: the first that is found, with all its variants.

    What is not where it should be (a program's DT_RPATH holds for its libraries too) is taken from where else it is.
    """
    if "/" in name:
        yield from _fitting(scene, elf, [scene.resolve(name)])
        return
    own = tuple(scene.resolve(_expand(path, origin, elf)) for path in (*elf.rpath, *elf.runpath))
    for directory in dict.fromkeys((*own, *library_directories(scene))):
        found = list(_fitting(scene, elf, [f"{directory}/{name}"]))
        variants = scene.children(f"{directory}/glibc-hwcaps") if f"{directory}/glibc-hwcaps" in scene.tree else []
        found += _fitting(scene, elf, (f"{variant}/{name}" for variant in variants))
        if found:
            yield from found
            return
    yield from list(_fitting(scene, elf, _anywhere(scene).get(name, ())))[:_MOST_PLACES]


def _fitting(scene: Scene, elf: Elf, paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        other = scene.elf(path) if scene.get(path) is not None else None
        if other is not None and (other.machine, other.bits) == (elf.machine, elf.bits):
            yield path


def _anywhere(scene: Scene) -> dict[str, list[str]]:
    """Every path whose name is that of a library, by that name."""
    found = scene.memo.get("linker.names")
    if found is None:
        found = {}
        for path in scene.tree:
            name = path.rpartition("/")[2]
            if ".so" in name:
                found.setdefault(name, []).append(path)
        scene.memo["linker.names"] = found
    names: dict[str, list[str]] = found
    return names


def _expand(path: str, origin: str, elf: Elf) -> str:
    lib = "lib64" if elf.bits == 64 else "lib"
    for name, value in (("ORIGIN", f"/{origin}"), ("LIB", lib), ("PLATFORM", "x86_64")):
        path = path.replace(f"${{{name}}}", value).replace(f"${name}", value)
    return path


def _configured(scene: Scene) -> Iterator[str]:
    """Directories of ld.so.conf and what it includes, and of musl's path file."""
    waiting, seen = ["etc/ld.so.conf"], set[str]()
    while waiting and len(seen) < _MOST_CONFIGS:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        for line in scene.text(path).splitlines():
            words = line.partition("#")[0].split()
            if words[:1] == ["include"]:
                waiting += _matching(scene, words[1:])
            elif words and words[0] != "hwcap":
                yield words[0].partition("=")[0]
    for path in scene.children("etc"):
        if path.startswith("etc/ld-musl-") and path.endswith(".path"):
            yield from scene.text(path).replace(":", "\n").split()


def _matching(scene: Scene, patterns: list[str]) -> list[str]:
    """Files that an include names; only the last part may hold ``*``, as everywhere it does."""
    found = []
    for pattern in patterns:
        directory, _, name = pattern.rpartition("/")
        directory = scene.resolve(directory if pattern.startswith("/") else f"etc/{directory}")
        start, star, end = name.partition("*")
        if not star:
            found.append(f"{directory}/{name}")
            continue
        names = ((path, path.rpartition("/")[2]) for path in scene.children(directory))
        found += [path for path, own in names if own.startswith(start) and own.endswith(end)]
    return found


def _follow(scene: Scene, keep: Keep) -> Iterator[Keep]:
    elf = scene.elf(keep.path)
    if elf is None:
        return
    if elf.interpreter:
        yield Keep(elf.interpreter, "linker", keep.path)
    origin = parent_of(keep.path)
    for name in elf.needed:
        for path in find_library(scene, name, elf, origin):
            yield Keep(path, "linker", keep.path)


def cost_of(scene: Scene, path: str, kept: Container[str], limit: int) -> int:
    """Bytes of a file and of all that the linker loads for it which are not kept; it stops counting at ``limit``."""
    total, waiting, seen = 0, [scene.resolve(path)], set[str]()
    while waiting and total <= limit:
        here = waiting.pop()
        if here in seen or here in kept or here not in scene.tree:
            continue
        seen.add(here)
        total += scene.tree[here].size
        if (elf := scene.elf(here)) is not None:
            found = (path for name in elf.needed for path in find_library(scene, name, elf, parent_of(here)))
            waiting += map(scene.resolve, found)
    return total


def _preloaded(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Libraries that every program gets: ld.so.preload and LD_PRELOAD."""
    del keeps
    words = scene.env.get("LD_PRELOAD", "").replace(":", " ").split()
    if scene.is_file("etc/ld.so.preload"):
        yield Keep("etc/ld.so.preload", "preload", "ld.so")
        words += scene.text("etc/ld.so.preload").replace(":", " ").split()
    for word in words:
        if "/" in word:
            yield Keep(word, "preload", "LD_PRELOAD")
            continue
        for directory in library_directories(scene):
            yield Keep(f"{directory}/{word}", "preload", "LD_PRELOAD")


RULES = (
    Rule("linker", "A library, or the interpreter, without which a kept program cannot start.", _follow, strict=True),
    Rule("preload", "A library that is loaded into every program.", family=_preloaded, strict=True),
)
