"""Shared libraries that scripts open by name: ctypes, FFI, Fiddle and their like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.slim.areas import areas
from lissom.slim.keep import Keep
from lissom.slim.rules.linker import library_directories

if TYPE_CHECKING:
    from lissom.slim.scene import Scene

__all__ = ["LIBRARY", "named_libraries"]

LIBRARY = "named-library"
_HINTS = {
    ".py": ("find_library", "CDLL", "PyDLL", "LoadLibrary", "dlopen"),
    ".rb": ("ffi_lib", "dlload", "dlopen"),
    ".js": ("koffi", "ffi.Library", "dlopen"),
    ".cjs": ("koffi", "ffi.Library", "dlopen"),
    ".mjs": ("koffi", "ffi.Library", "dlopen"),
    ".php": ("FFI::",),
    ".pm": ("FFI::",),
    ".pl": ("FFI::",),
    ".lua": ("ffi.load",),
    ".java": ("loadLibrary", "Native.load"),
}
"""What a source must have in it to be looked at closely."""

_FIND = re.compile(r"\bfind_library\s*\(\s*f?['\"]([\w.+-]{1,60})['\"]")
_OPEN = re.compile(
    r"(?:\b(?:CDLL|PyDLL|LoadLibrary|dlopen|ffi_lib|dlload|loadLibrary|Native\.load|ffi\.load|koffi\.load|ffi\.Library)\b"
    r"|\bFFI::(?:cdef|load)\b)\s*[(\s]\s*\[?\s*f?['\"]([\w./+-]{1,120})['\"]"
)
_INDEX = "sbin/ldconfig"


def named_libraries(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """Libraries that a kept script names where it opens one, and what Python asks for where libraries are."""
    path = keep.path
    hints = _HINTS.get(f".{path.rpartition('.')[2]}", ())
    if not hints or path.startswith(areas(scene).python_stdlibs):
        return
    text = scene.text(path)
    if not any(hint in text for hint in hints):
        return
    if path.endswith(".py") and "find_library" in text:
        yield Keep(_INDEX, LIBRARY, path)
    for name in sorted({*_FIND.findall(text), *_OPEN.findall(text)}):
        if "/" in name:
            yield Keep(name, LIBRARY, path)
            continue
        stem = name if ".so" in name else f"lib{name}.so"
        for library in _libraries(scene).get(stem.partition(".so")[0], ()):
            if library.rpartition("/")[2].startswith(stem):
                yield Keep(library, LIBRARY, path)


def _libraries(scene: Scene) -> dict[str, list[str]]:
    """Libraries of the whole system by their names without versions; links for compilers only where all are that."""
    known: dict[str, list[str]] | None = scene.memo.get("mentions.system libraries")
    if known is None:
        known = {}
        for directory in library_directories(scene):
            for path in scene.children(directory):
                name = path.rpartition("/")[2]
                if name.startswith("lib") and ".so" in name:
                    known.setdefault(name.partition(".so")[0], []).append(path)
        for name, paths in known.items():
            known[name] = [path for path in paths if not path.endswith(".so")] or paths
        scene.memo["mentions.system libraries"] = known
    return known
