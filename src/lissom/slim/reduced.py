"""The tree that stays: kept paths, with records cut down, symbols gone, and what takes the place of other files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lissom.analysis.strip import stripped
from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree
from lissom.slim.records import reduced as reduced_records
from lissom.slim.scene import Scene

__all__ = ["Replacement", "Slimmed", "slimmed"]

_LARGEST = 512 << 20
_IMA = "security.ima"


@dataclass(frozen=True)
class Replacement:
    """What takes the place of everything below the directory ``home``: a Java runtime of ``modules``."""

    home: str
    entries: Mapping[str, Entry] = field(default_factory=dict)
    modules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slimmed:
    """``tree`` is what stays; ``changed`` are its files whose content is another than the original's."""

    tree: Tree
    changed: Mapping[str, Entry]


def slimmed(scene: Scene, kept: Collection[str], *, strip: bool = True, instead: Replacement | None = None) -> Slimmed:
    """``scene.tree`` restricted to ``kept``, which is closed under parents and names of one file.

    Owners, modes, times, attributes and hard links stay as they are. ``strip`` takes symbols out of ELF files.
    """
    entries = {path: scene.tree[path] for path in kept}
    if instead is not None:
        entries = {path: entry for path, entry in entries.items() if not _is_below(path, instead.home)}
        entries |= instead.entries
        entries |= dict(_parents(scene.tree, entries))
    changed = dict(instead.entries) if instead is not None else {}
    for path, entry in reduced_records(scene.tree, scene.packages, entries).items():
        if entry is None:
            entries.pop(path, None)
        else:
            entries[path] = changed[path] = entry
    entries |= dict(_parents(scene.tree, entries))
    if strip:
        thin = dict(_stripped(scene, entries))
        entries |= thin
        changed |= thin
    return Slimmed(Tree(entries), changed)


def _is_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")


def _parents(tree: Tree, entries: Mapping[str, Entry]) -> Iterator[tuple[str, Entry]]:
    """Directories that ``entries`` need and that they lack."""
    seen = set(entries)
    for path in entries:
        above = path
        while above and (above := parent_of(above)) not in seen:
            seen.add(above)
            yield above, tree[above]


def _stripped(scene: Scene, entries: Mapping[str, Entry]) -> Iterator[tuple[str, Entry]]:
    """ELF files without symbols; all names of one file get the same content."""
    cache: dict[str, bytes | None] = scene.memo.setdefault("stripped", {})
    for path, entry in entries.items():
        if entry.kind is not Kind.FILE or entry.content is None or not 64 < entry.size <= _LARGEST:
            continue
        if _IMA in entry.xattrs or _has_sum(entries, path):
            continue
        key = entry.inode or path
        if key not in cache:
            cache[key] = _without_symbols(entry)
        data = cache[key]
        if data is not None:
            yield path, replace(entry, size=len(data), content=Inline(data))


def _has_sum(entries: Mapping[str, Entry], path: str) -> bool:
    """Whether a sum of the file's content lies beside it, which a library checks at its start."""
    directory, _, name = path.rpartition("/")
    return f"{path}.hmac" in entries or f"{directory}/.{name}.hmac" in entries


def _without_symbols(entry: Entry) -> bytes | None:
    if entry.content is None:
        return None
    try:
        with entry.content.open() as stream:
            head = stream.read(64)
            if head[:4] != b"\x7fELF":
                return None
            return stripped(head + stream.read())
    except IntegrityError:
        return None
