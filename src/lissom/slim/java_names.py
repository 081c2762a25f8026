"""What an app's jars, classes, pages and settings name of Java's own library."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from lissom.analysis.zips import DAMAGED
from lissom.rootfs.entry import Kind
from lissom.slim.java_class import names_locale

if TYPE_CHECKING:
    from lissom.slim.scene import Scene

__all__ = ["ARCHIVES", "Names", "names_in"]

ARCHIVES = (".jar", ".war", ".ear", ".rar", ".sar", ".zip")
_NO_PROGRAMS = (".rar", ".zip")
"""What need not be of Java at all: one that cannot be read says nothing."""

_PACKAGE = re.compile(
    rb"(?:java|javax|jdk|sun|com[/.]sun|org[/.](?:w3c|xml|ietf|jcp)|netscape)(?:[/.][a-z_][a-zA-Z0-9_]*)+"
)
_LARGEST_FILE = 16 << 20
_LARGEST_ARCHIVE = 1 << 30
_LARGEST_NESTED = 256 << 20
_MOST_BYTES = 2 << 30
_MOST_MEMBERS = 200_000
_DEPTH = 3

HINTS = {
    "display names of locales": (b"isplayLanguage", b"isplayCountry", b"isplayScript", b"isplayVariant"),
    "SunPKCS11": (b"SunPKCS11",),
    "Kerberos": (b"GSSAPI", b"SPNEGO", b"krb5", b"Krb5"),
    "JMX from outside": (b"com.sun.management.jmxremote",),
    "flight recorder": (b"FlightRecord",),
    "javac": (
        b"javax/tools/ToolProvider", b"javax.tools.ToolProvider", b"com/sun/tools/javac", b"com.sun.tools.javac",
        b"com/sun/source/", b"com.sun.source.", b"jasper.compiler.JavaCompiler",
    ),
}  # fmt: skip
"""Words that ask for what has no package to be named by."""

_NOT_FROM = {
    "javac": ("!org/apache/jasper/compiler/",),  # uses it only where it is told to: its own compiler is Eclipse's
    "display names of locales": ("!jakarta/el/", "!javax/el/"),  # in a message about a bundle that is not there
}


@dataclass
class Names:
    """What was found, each with the path that names it first (``JAR!MEMBER`` inside of archives)."""

    packages: dict[str, str] = field(default_factory=dict)
    """Dotted names that look like packages of Java's library, such as ``javax.naming.spi``."""

    hints: dict[str, str] = field(default_factory=dict)
    """Words of ``HINTS`` that ask for what has no package to be named by."""

    complete: bool = True
    """Whether everything could be read: else nobody can tell what the app needs."""

    _known: dict[bytes, str] = field(default_factory=dict, repr=False)
    _left: int = field(default=_MOST_BYTES, repr=False)

    def read(self, data: bytes, path: str) -> None:
        """Note what ``data`` names."""
        for word in set(_PACKAGE.findall(data)):
            name = self._known.get(word)
            if name is None:
                name = self._known[word] = word.decode("ascii").replace("/", ".")
            self.packages.setdefault(name, path)
        for hint, words in HINTS.items():
            if hint not in self.hints and any(word in data for word in words) and not _passes_by(hint, path):
                self.hints[hint] = path
        if names_locale(data) and not _passes_by("display names of locales", path):
            self.hints.setdefault("display names of locales", path)

    def read_archive(self, data: BinaryIO, path: str, depth: int = 0) -> None:
        """Note what the members of a zip file name, and those of archives in it."""
        try:
            with zipfile.ZipFile(data) as archive:
                infos = archive.infolist()
                if len(infos) > _MOST_MEMBERS:
                    self.complete = False
                    return
                for info in infos:
                    self._read_member(archive, info, f"{path}!{info.filename}", depth)
        except DAMAGED:
            self.complete = self.complete and path.lower().endswith(_NO_PROGRAMS)

    def _read_member(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, depth: int) -> None:
        nested = info.filename.lower().endswith(ARCHIVES)
        limit = _LARGEST_NESTED if nested else _LARGEST_FILE
        if info.is_dir() or self._left <= 0:
            self.complete = self.complete and self._left > 0
            return
        with archive.open(info) as member:
            data = member.read(limit)
        self._left -= len(data)
        if nested and depth < _DEPTH:
            self.read_archive(io.BytesIO(data), path, depth + 1)
        elif nested:
            self.complete = False
        else:
            self.read(data, path)


def _passes_by(hint: str, path: str) -> bool:
    """Whether what names ``hint`` in ``path`` is known to do well without."""
    return any(place in path for place in _NOT_FROM.get(hint, ()))


def names_in(scene: Scene, paths: Iterable[str]) -> Names:
    """What jars, classes and texts of ``paths`` name; what a file names is found once for a scene."""
    names = Names()
    for path in sorted(paths):
        found = _of_file(scene, path)
        names.complete = names.complete and found.complete
        for mine, theirs in ((names.packages, found.packages), (names.hints, found.hints)):
            for name, place in theirs.items():
                mine.setdefault(name, place)
    return names


def _of_file(scene: Scene, path: str) -> Names:
    memo: dict[str, Names] = scene.memo.setdefault("java.names", {})
    if path not in memo:
        memo[path] = Names()
        entry = scene.tree.get(path)
        if entry is not None and entry.kind is Kind.FILE and entry.content is not None:
            if path.lower().endswith(ARCHIVES):
                if entry.size > _LARGEST_ARCHIVE:
                    memo[path].complete = False
                else:
                    with entry.content.open() as stream:
                        memo[path].read_archive(stream, path)
            else:
                for data in _texts(scene, path):
                    memo[path].read(data, path)
    return memo[path]


def _texts(scene: Scene, path: str) -> Iterator[bytes]:
    data = scene.read(path, _LARGEST_FILE)
    if path.endswith(".class") or b"\0" not in data[:4096]:
        yield data
