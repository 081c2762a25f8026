"""Programs, files and directories that the app's own code names: what it starts or opens when asked to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import Kind
from lissom.slim.areas import areas
from lissom.slim.commands import commands_of
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.mention_binaries import texts_of_archive, texts_of_class, texts_of_elf
from lissom.slim.rules.mention_libraries import LIBRARY, named_libraries
from lissom.slim.rules.mention_paths import files_meant
from lissom.slim.rules.mention_texts import CONFIGS, SOURCES, Texts, looks_like_command, paths_in, texts_of
from lissom.slim.rules.mention_wrapped import WRAPPED, wrapped_programs

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["RULES"]

_PROGRAM = "mentioned-program"
_FILE = "mentioned-file"
_MOST_SOURCES = 5000
_MOST_BYTES = 64 << 20
_LARGEST_SOURCE = 2 << 20
_MOST_PROGRAMS = 300
_CHEAP = 256 << 10
"""A lone word that is only near no call is taken for a program when that costs no more than this."""

_COMMON = (
    "libc.",
    "libm.",
    "ld-",
    "libselinux.",
    "libpcre2-8.",
    "libacl.",
    "libattr.",
    "libtinfo.",
    "libgmp.",
    "libcap.",
)
_ARCHIVES = (".jar", ".war", ".ear")
_NAME = re.compile(r"[A-Za-z_][\w.+-]{1,60}")
_COMMON_WORDS = """
test true false yes install users groups file time date sort look view split join cut head tail link locale find expand
comm watch which who last free top kill more less at batch write mail script info host column patch make strip size as
open import compare display dig ip node python php ruby perl java go git vim ex vi ed view editor
gzip zip id iconv locale tempfile sum name echo sleep kill dir ls od nl tr pr
"""
_WORDS = frozenset(_COMMON_WORDS.split())
"""Programs whose names are words that code is full of: only a call makes them programs."""


def _in_sources(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Once: all own sources of the image, also those that a kept program was made of."""
    del keeps
    if "mentions.sources" in scene.memo:
        return
    scene.memo["mentions.sources"] = True
    left = _MOST_BYTES
    for path in [path for path in areas(scene).own_files if path.endswith(SOURCES)][:_MOST_SOURCES]:
        size = scene.tree[path].size
        if size <= min(left, _LARGEST_SOURCE):
            left -= size
            yield from _told(scene, path, texts_of(scene.text(path), _suffix(path)))


def _suffix(path: str) -> str:
    return "." + path.rpartition(".")[2]


def _in_kept(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """The app's own binaries and settings that stay."""
    path = keep.path
    if not areas(scene).own(path):
        return
    if path.endswith(CONFIGS):
        if scene.tree[path].size <= _LARGEST_SOURCE:
            yield from _paths(scene, path, [scene.text(path)])
    elif path.endswith(_ARCHIVES):
        for texts in texts_of_archive(scene, path):
            yield from _told(scene, path, texts)
    elif path.endswith(".class"):
        yield from _told(scene, path, texts_of_class(scene.read(path, _LARGEST_SOURCE)))
    elif not path.endswith(SOURCES):
        elf = scene.elf(path)
        if elf is not None:
            yield from _told(scene, path, texts_of_elf(scene, path, elf))


def _told(scene: Scene, path: str, texts: Texts) -> Iterator[Keep]:
    """What texts of ``path`` lead to; programs count only where something starts programs."""
    yield from _paths(scene, path, texts.called | texts.others)
    if not texts.starts:
        return
    if texts.shell:
        yield Keep("bin/sh", _PROGRAM, path)
    for name in sorted(_names(texts)):
        program = scene.program(name)
        if program is not None and (_is_meant(texts, name) or _is_cheap(scene, program)):
            yield from _count(scene, Keep(program, _PROGRAM, path))
        if name in ("sh", "bash") and program is not None:
            yield Keep("bin/sh", _PROGRAM, path)


def _names(texts: Texts) -> set[str]:
    """Names of programs: of commands by a reader of shell, of single words as they are."""
    names: set[str] = set()
    for text in texts.called | texts.others:
        if _NAME.fullmatch(text):
            if text in texts.called or text not in _WORDS:
                names.add(text)
        elif looks_like_command(text) or (text in texts.called and " " in text):
            names.update(commands_of(text).names())
    return names


def _is_meant(texts: Texts, name: str) -> bool:
    """Whether a program is named where commands are: not as a lone word somewhere."""
    return name in texts.called or name not in texts.others or (name in texts.leads and name not in _WORDS)


def _is_cheap(scene: Scene, program: str) -> bool:
    """Whether a program is small, and no script, and brings no library that was not loaded anyway."""
    entry, elf = scene.get(program), scene.elf(program)
    if entry is None or elf is None or entry.size > _CHEAP:
        return False
    if "mentions.libraries" not in scene.memo:
        scene.memo["mentions.libraries"] = {path.rpartition("/")[2] for path in scene.touched if ".so" in path}
    known: set[str] = scene.memo["mentions.libraries"]
    return all(name in known or name.startswith(_COMMON) for name in elf.needed)


def _paths(scene: Scene, because_of: str, texts: Iterable[str]) -> Iterator[Keep]:
    seen = scene.memo.setdefault("mentions.paths", set())
    for text in texts:
        if "/" not in text:
            continue
        for path in paths_in(text):
            if path in seen:
                continue
            seen.add(path)
            for file in files_meant(scene, path):
                yield Keep(file, _reason(scene, file), because_of)


def _reason(scene: Scene, path: str) -> str:
    entry = scene.get(path)
    return _PROGRAM if entry is not None and entry.kind is Kind.FILE and entry.mode & 0o111 else _FILE


def _count(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """``keep``, unless texts named so many programs that they cannot all be meant."""
    counted: set[str] = scene.memo.setdefault("mentions.programs", set())
    if keep.path in counted or len(counted) < _MOST_PROGRAMS:
        counted.add(keep.path)
        yield keep


RULES = (
    Rule(_PROGRAM, "A program that the app's own code names where it starts programs.", _in_kept, _in_sources),
    Rule(_FILE, "A file or directory whose absolute path the app's own code names."),
    Rule(WRAPPED, "A program that a library in use is a wrapper of.", follow=wrapped_programs),
    Rule(LIBRARY, "A shared library that a kept script opens by its name.", follow=named_libraries),
)
