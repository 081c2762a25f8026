"""The app's own data: what stands together with a file of the app that was used stays together with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.slim.areas import areas
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.config import command_line
from lissom.slim.rules.linker import library_directories
from lissom.slim.scene import Scene

__all__ = ["RULES", "is_junk"]

_SHARED = """
bin boot dev etc etc/default etc/opt go go/bin go/pkg go/src home lib lib64 lost+found proc run sbin sys tmp usr usr/bin
usr/games usr/include usr/lib usr/lib64 usr/libexec usr/local usr/local/bin usr/local/games usr/local/include
usr/local/lib usr/local/lib64 usr/local/libexec usr/local/man usr/local/sbin usr/local/share usr/local/var usr/sbin
usr/share var var/cache var/lib var/local var/lock var/log var/mail var/opt var/run var/spool var/tmp
"""
"""Directories in which several things may be installed side by side: one of these says nothing about another."""
_LOOSE = "data media mnt opt root srv usr/local/etc usr/local/src usr/src var/www"
"""The same, but files of an app may lie there too: these stay together; all of the working directory does."""
_HOME = re.compile(r"home/[^/]+$")
_VERSION_CONTROL = frozenset((".git", ".hg", ".svn", ".bzr", "CVS"))
_JUNK = re.compile(
    r"(?:^|/)(?:[^/]*~|\.[^/]*\.sw[a-p]|#[^/]*#|\.#[^/]*|core|core\.(?:\d+|dump)|[^/]*\.core|\.DS_Store|Thumbs\.db"
    r"|[^/]*\.(?:o|a|h|hh|hpp|la|gcda|gcno|log|orig|rej|hprof)|nohup\.out|\.coverage|(?:htmlcov|\.vagrant|[^/]+\.dist|share/(?:doc|info|man))/.*)$"
)
"""What editors, compilers, tests and crashes leave behind, and examples to be copied; what was used of it stays."""
_SMALL = 4 << 20


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    found = scene.memo.get("data.kept")
    if found is None:
        found = scene.memo["data.kept"] = tuple(_kept(scene))
    yield from found


def _kept(scene: Scene) -> Iterator[Keep]:
    because_of: dict[str, str] = {}
    for path in _used(scene):
        because_of.setdefault(_around(scene, path), path)
    done = set[str]()
    for directory in sorted(because_of):
        if done.isdisjoint((directory, *_above(directory))):
            paths = [*_together(scene, directory)]
            done.update(path for path in paths if path == directory)
            yield from (Keep(path, "data", because_of[directory]) for path in paths)
    for directory, name in _named(scene):
        paths = [*_below(scene, directory)]
        if any(path.startswith(f"{directory}/") for path in because_of.values()) or _size(scene, paths) <= _SMALL:
            yield from (Keep(path, "data", name) for path in paths)


def _used(scene: Scene) -> Iterator[str]:
    """The app's own files that were touched or that the command names, and directories of it that were listed."""
    base = str(scene.config.get("WorkingDir") or "")
    words = [path for word in command_line(scene) for path in (scene.program(word), f"{base}/{word}") if path]
    for path in (*scene.touched, *map(scene.resolve, words)):
        if areas(scene).own(path):
            yield path
    for path in scene.listed:
        if not _is_shared(scene, path) and any(areas(scene).own(child) for child in scene.children(path)):
            yield path


def _around(scene: Scene, path: str) -> str:
    """The topmost directory around a file, or a listed directory, that is all the app's; else the one that it is in."""
    listed = [path] if scene.is_directory(path) else []
    for directory in reversed([*listed, *_above(path)]):
        if not (_is_shared(scene, directory) or _is_loose(directory) or directory in _mixed(scene)):
            return directory
    return parent_of(path)


def _together(scene: Scene, directory: str) -> Iterator[str]:
    """What belongs together in a directory: all of the app's; of one for several things only files right in it."""
    if directory == "" or _is_loose(directory):
        yield from (path for path in scene.tree.children(directory) if _stays(scene, scene.tree[path]))
    elif not _is_shared(scene, directory):
        yield from _below(scene, directory)


def _named(scene: Scene) -> Iterator[tuple[str, str]]:
    """Directories that the config calls the app's: the working directory, and those that variables name."""
    place = scene.resolve(str(scene.config.get("WorkingDir") or ""))
    if _is_loose(place) or not _is_shared(scene, place):
        yield place, "working directory"
    for name, value in scene.env.items():
        path = scene.resolve(value) if value.startswith("/") and name != "PATH" else ""
        if path and not (_is_shared(scene, path) or _is_loose(path) or path in _mixed(scene)):
            yield path, name


def _below(scene: Scene, root: str) -> Iterator[str]:
    """The directory, and what stays of all that is in it; languages' own directories are for their rules."""
    known, waiting = areas(scene), [root]
    if known.managed(root) or not scene.is_directory(root):
        return
    while waiting:
        directory = waiting.pop()
        yield directory
        for path in scene.tree.children(directory):
            entry = scene.tree[path]
            if entry.is_directory and entry.name not in _VERSION_CONTROL and not known.managed(path):
                waiting.append(path)
            elif _stays(scene, entry) or entry.kind not in (Kind.FILE, Kind.DIRECTORY):
                yield path


def is_junk(path: str) -> bool:
    """Whether a file that nobody touched is one that was only left behind."""
    return _JUNK.search(path) is not None


def _stays(scene: Scene, entry: Entry) -> bool:
    return entry.kind is Kind.FILE and areas(scene).own(entry.path) and not is_junk(entry.path)


def _is_shared(scene: Scene, directory: str) -> bool:
    found = scene.memo.get("data.shared")
    if found is None:
        system = ("", *_SHARED.split(), *library_directories(scene), *scene.path)
        found = scene.memo["data.shared"] = frozenset((*system, *_prefixes(scene)))
    return directory in found


def _prefixes(scene: Scene) -> Iterator[str]:
    """Where conda installs packages side by side."""
    for path in scene.tree:
        if path.endswith("/conda-meta"):
            prefix = parent_of(path)
            yield from (
                prefix,
                *(f"{prefix}/{name}" for name in ("bin", "conda-meta", "envs", "etc", "include", "lib")),
            )
            yield from (f"{prefix}/{name}" for name in ("pkgs", "share"))


def _is_loose(directory: str) -> bool:
    return directory in _LOOSE.split() or _HOME.match(directory) is not None


def _mixed(scene: Scene) -> frozenset[str]:
    """Directories with a file of the system's packages somewhere below."""
    found = scene.memo.get("data.mixed")
    if found is None:
        mixed = {above for package in scene.packages.system for path in package.files for above in _above(path)}
        found = scene.memo["data.mixed"] = frozenset(mixed)
    return frozenset(found)


def _above(path: str) -> Iterator[str]:
    while path:
        path = parent_of(path)
        yield path


def _size(scene: Scene, paths: list[str]) -> int:
    return sum(entry.size for path in paths if (entry := scene.tree[path]).content is not None)


RULES = (
    Rule("data", "It stands together with files of the app that were used, and no package brought it.", family=_family),
)
