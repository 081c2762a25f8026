"""What of Python's own library stays: every source, and of the extension modules those that are small or reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import Entry, Kind
from lissom.slim.keep import Keep
from lissom.slim.rules.python_reach import WHOLE
from lissom.slim.rules.python_search import live_stdlibs

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["stdlib"]

_UNUSED = """
test tests idlelib tkinter turtledemo turtle.py lib2to3 ensurepip pydoc_data distutils venv _pyrepl __pycache__
lib-dynload site-packages dist-packages __phello__ __hello__.py __phello__.foo.py lib-tk msilib
"""
"""Parts that come only with what imports them: tests, tools of developers, graphics."""

_TESTS = re.compile(r"^(?:_?xx|_test|_ctypes_test)")
_BASE = re.compile(r"^(?:lib(?:c|m|pthread|dl|util|rt|gcc_s|python[\w.]*|crypt)\.so|ld-|libc\.musl)")


def stdlib(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """The family of each standard library in use."""
    unused = frozenset(_UNUSED.split())
    for root in live_stdlibs(scene, keeps):
        for path in scene.children(root):
            if path.rpartition("/")[2] not in unused and "/config-" not in path:
                yield from (Keep(source, WHOLE, root) for source in _sources(scene, path, unused))
        for path in (*scene.children(f"{root}/lib-dynload"), *scene.children(root)):
            if path.endswith(".so") and _comes_along(scene, keeps, path):
                yield Keep(path, WHOLE, root)


def _sources(scene: Scene, path: str, unused: frozenset[str]) -> Iterator[str]:
    entry = scene.tree[path]
    if not entry.is_directory:
        if _is_source(entry):
            yield path
        return
    for child in scene.tree.children(path):
        name = child.rpartition("/")[2]
        if name not in unused:
            yield from _sources(scene, child, unused)


def _is_source(entry: Entry) -> bool:
    return entry.name.endswith((".py", ".xml", ".css")) and entry.kind in (Kind.FILE, Kind.SYMLINK)


def _comes_along(scene: Scene, keeps: Keeps, path: str) -> bool:
    """Whether an extension module brings no library that is not there anyway."""
    elf = scene.elf(path)
    if elf is None or _TESTS.match(path.rpartition("/")[2]):
        return False
    kept = _library_names(scene, keeps)
    return all(_BASE.match(name) or name in kept for name in elf.needed)


def _library_names(scene: Scene, keeps: Keeps) -> frozenset[str]:
    known = scene.memo.get("python.libraries")
    if known is None or known[0] != len(keeps):
        names = frozenset(path.rpartition("/")[2] for path in keeps if ".so" in path)
        known = scene.memo["python.libraries"] = (len(keeps), names)
    found: frozenset[str] = known[1]
    return found
