"""Languages: compiled locales, and the translated messages of programs that stay."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.dlopen import is_of_c_library
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_HOME = "usr/lib/locale"
_MESSAGES = "usr/share/locale"
_BUILT_IN = frozenset(("C", "POSIX", "C.UTF-8", "C.utf8"))
_CALLS = frozenset(("setlocale", "newlocale"))
_MAGIC = b"\x09\x01\x02\xde"
_LARGEST_INDEX = 4 << 20


def _locales(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """All compiled locales, for a program that may set one."""
    elf = scene.elf(keep.path)
    if elf is not None and elf.imports & _CALLS and not is_of_c_library(scene, keep.path):
        for entry in scene.below(_HOME):
            yield Keep(entry.path, "locale", keep.path)
        yield Keep(f"{_MESSAGES}/locale.alias", "locale", keep.path)


def _messages(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Catalogues of kept programs' packages in the languages that the image has locales for."""
    languages = _languages(scene)
    if not languages:
        return
    programs = [path for path in keeps if "bin/" in path and scene.owner(path) is not None]
    owners = {owner.name: (owner, path) for path in programs if (owner := scene.owner(path)) is not None}
    for owner, because_of in owners.values():
        for path in sorted(owner.files):
            if path.startswith(f"{_MESSAGES}/") and path.split("/")[3] in languages:
                yield Keep(path, "messages", because_of)


def _languages(scene: Scene) -> frozenset[str]:
    """Directories of messages that fit the compiled locales: ``de`` and ``de_DE`` for ``de_DE.UTF-8``."""
    found = scene.memo.get("locale.languages")
    if found is None:
        names = {path.rpartition("/")[2] for path in scene.children(_HOME) if scene.is_directory(path)}
        names |= _archived(scene)
        languages: set[str] = set()
        for name in names - _BUILT_IN:
            territory = name.partition(".")[0].partition("@")[0]
            languages |= {name, territory, territory.partition("_")[0]}
        found = scene.memo["locale.languages"] = frozenset(languages)
    return frozenset(found)


def _archived(scene: Scene) -> set[str]:
    """Names of the locales in glibc's locale-archive: texts that its hash table points to."""
    data = scene.read(f"{_HOME}/locale-archive", _LARGEST_INDEX)
    if data[:4] != _MAGIC or len(data) < 56:
        return set()
    words = [int.from_bytes(data[at : at + 4], "little") for at in range(0, 56, 4)]
    table, rows, strings, size = words[2], words[4], words[5], words[6]
    names = set()
    for row in range(min(rows, 10_000)):
        at = int.from_bytes(data[table + 12 * row + 4 : table + 12 * row + 8], "little")
        if strings <= at < strings + size:
            names.add(data[at : at + 64].partition(b"\0")[0].decode("ascii", "replace"))
    return names


RULES = (
    Rule("locale", "A compiled locale: a kept program may be told to speak it.", _locales),
    Rule("messages", "Messages of a kept program in a language that the image has a locale for.", family=_messages),
)
