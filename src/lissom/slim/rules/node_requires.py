"""What sources for Node require: packages by name, files by relative path, and directories that a name is built in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import parent_of
from lissom.slim.rules.node_files import manifest

if TYPE_CHECKING:
    from lissom.slim.scene import Scene

__all__ = ["files_of", "package_name", "specifiers_of"]

_SPECIFIER = re.compile(
    r"(?:\brequire(?:\.resolve)?\s*\(\s*|\bimport\s*\(\s*|\bfrom\s*|\bimport\s+|\bnew\s+Worker\s*\(\s*)(['\"`])([^'\"`\n]{1,300})\1?"
)
_ENDS = ("", ".js", ".mjs", ".cjs", ".json", ".node", ".ts", "/index.js", "/index.mjs", "/index.cjs", "/index.json")
_NAME = re.compile(r"(?:@[\w.~-]+/)?[\w.~-]+")
_BUILTIN = re.compile(r"^(?:node:|https?:|data:|file:|bun:)")


def specifiers_of(text: str) -> frozenset[str]:
    """What a source requires or imports, as it is written; of a name that is put together its beginning."""
    return frozenset(match[2].partition("${")[0] for match in _SPECIFIER.finditer(text))


def package_name(specifier: str) -> str | None:
    """The package that a bare specifier is in, None for a path or what is built in."""
    if specifier.startswith((".", "/", "#")) or _BUILTIN.match(specifier):
        return None
    match = _NAME.match(specifier)
    return match[0] if match else None


def files_of(scene: Scene, directory: str, specifier: str) -> Iterator[str]:
    """Files that a relative specifier means for a source in ``directory``."""
    place = scene.resolve(f"{directory}/{specifier}")
    if specifier.endswith("/"):
        for path in scene.tree.children(place):
            if not scene.tree[path].is_directory:
                yield path
        return
    for end in _ENDS:
        path = f"{place}{end}"
        entry = scene.tree.get(path)
        if entry is not None and not entry.is_directory:
            yield path
            return
    main = manifest(scene, place).get("main") if place in scene.tree else None
    if isinstance(main, str) and main:
        yield f"{place}/package.json"
        if scene.resolve(f"{place}/{main}") != place:
            yield from files_of(scene, place, f"./{main}")
    elif specifier and place not in scene.tree:
        yield from _beginning(scene, place)


def _beginning(scene: Scene, place: str) -> Iterator[str]:
    """Files whose names begin like a name that was put together: ``require('./format-' + name)``."""
    for path in scene.tree.children(parent_of(place)):
        if path.startswith(place) and not scene.tree[path].is_directory:
            yield path
