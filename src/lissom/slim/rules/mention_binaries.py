"""What the app's own machine code and class files name: programs that they may start, paths that they may open."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from lissom.analysis.zips import DAMAGED
from lissom.slim.rules.mention_texts import Texts

if TYPE_CHECKING:
    from lissom.analysis.elf import Elf
    from lissom.slim.scene import Scene

__all__ = ["texts_of_archive", "texts_of_class", "texts_of_elf"]

_STARTERS = re.compile(r"^(?:system|popen|exec[lv]p?e?|execvpe|fexecve|posix_spawnp?|wordexp)$")
_BY_SHELL = frozenset(("system", "popen", "wordexp"))
_LARGEST = 96 << 20
_MOST_TEXTS = 20_000
_LONGEST = 500
_RUN = re.compile(rb"/(?:[\w.@+-]+/){1,12}[\w.@+-]{1,100}")
_FILLED = re.compile(r"[a-z][\w.+-]* [^%]*%s")
_GO_STARTS = b"os/exec.Command"
_CONSTANTS = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_MOST_CLASSES = 4000
_LARGEST_CLASS = 1 << 20


def texts_of_elf(scene: Scene, path: str, elf: Elf) -> Texts:
    """Texts of an ELF file; where they do not end with a zero byte, as in Go and Rust, paths that the tree has."""
    starters = {name for name in elf.imports if _STARTERS.match(name)}
    texts = {text for text in islice(elf.strings(2), _MOST_TEXTS * 5) if len(text) <= _LONGEST}
    data = scene.read(path, _LARGEST)
    starts = bool(starters) or (elf.is_go and _GO_STARTS in data)
    if elf.is_go or not elf.needed or b"/rustc/" in data:
        texts = set(_known_paths(scene, data)) | {text for text in texts if text.startswith("/")}
    shell = bool(starters & _BY_SHELL)
    called = {text for text in texts if _FILLED.match(text)} if shell else set()
    others = frozenset(texts - called)
    return Texts(frozenset(called), others, others, starts=starts, shell=shell)


def _known_paths(scene: Scene, data: bytes) -> Iterator[str]:
    """Absolute paths that run on into other text: of each the longest beginning that is a file of the tree."""
    for match in islice(_RUN.finditer(data), _MOST_TEXTS):
        text = match[0].decode("ascii", "replace")
        directory, _, name = text.rpartition("/")
        while directory.count("/") > 1 and scene.resolve(directory) not in scene.tree:
            directory, _, name = directory.rpartition("/")
        if scene.resolve(directory) not in scene.tree:
            continue
        for length in range(len(name), 0, -1):
            if scene.is_file(f"{directory}/{name[:length]}"):
                yield f"{directory}/{name[:length]}"
                break


def texts_of_class(data: bytes) -> Texts:
    """The texts of a class file, and whether it starts programs; names of classes and methods are no texts."""
    names, texts = _constants(data)
    starts = "java/lang/ProcessBuilder" in names or ("java/lang/Runtime" in names and "exec" in names)
    found = frozenset(text for text in texts if len(text) <= _LONGEST)
    return Texts(frozenset(), found, found, starts=starts)


def _constants(data: bytes) -> tuple[set[str], list[str]]:
    """All names, and the texts among them, of the constant pool; what is read so far when it makes no sense.

    Specification: the Java Virtual Machine, 4.4.
    """
    names: dict[int, str] = {}
    texts: list[int] = []
    if data[:4] != b"\xca\xfe\xba\xbe" or len(data) < 10:
        return set(), []
    (count,) = struct.unpack_from(">H", data, 8)
    at, number = 10, 1
    while number < count and at + 3 <= len(data):
        tag, (value,) = data[at], struct.unpack_from(">H", data, at + 1)
        if tag == 1:
            names[number] = data[at + 3 : at + 3 + value].decode("utf-8", "replace")
            at += 3 + value
        elif tag in _CONSTANTS:
            at += 1 + _CONSTANTS[tag]
        else:
            break
        if tag == 8:
            texts.append(value)
        number += 2 if tag in (5, 6) else 1
    return set(names.values()), [names[index] for index in texts if index in names]


def texts_of_archive(scene: Scene, path: str) -> Iterator[Texts]:
    """The texts of the classes of a jar or war that start programs or name paths; bounded."""
    entry = scene.get(path)
    if entry is None or entry.content is None or entry.size > _LARGEST:
        return
    try:
        with entry.content.open() as stream, zipfile.ZipFile(stream) as archive:
            names = [one for one in archive.infolist() if one.filename.endswith(".class")][:_MOST_CLASSES]
            for one in names:
                if one.file_size <= _LARGEST_CLASS:
                    with archive.open(one) as file:
                        yield texts_of_class(file.read(_LARGEST_CLASS))
    except DAMAGED:
        return
