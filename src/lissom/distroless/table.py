"""One Packages file, kept so that a name is found in it without reading the rest."""

from __future__ import annotations

import hashlib
import mmap
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Table"]

_MAGIC = b"lissom packages 1"
_UNUSED = re.compile(
    rb"^(?:Description|Description-md5|Tag|MD5sum|SHA1|Homepage|Maintainer|Original-Maintainer|Installed-Size"
    rb"|Build-Ids|Python-Version|Ruby-Versions|Task)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.MULTILINE | re.IGNORECASE,
)
_NAMED = re.compile(rb"^(Package|Provides|Essential|Priority)[ \t]*:[ \t]*([^\n]*)", re.MULTILINE)
_PROVIDED = re.compile(rb"(?:^|,)[ \t]*([a-z0-9][a-z0-9+.\-]*)")
_RELATION = re.compile(
    rb"(?:Package|Pre-Depends|Depends|Recommends|Suggests|Conflicts|Breaks|Replaces|Enhances)[ \t]*:", re.IGNORECASE
)
_BEFORE = (b"\n", b" ", b",", b"|", b"\t", b":")
_AFTER = (b"\n", b" ", b",", b"|", b"(", b":")
_GAP = re.compile(rb"\n(?:[ \t]*\n)+")


@dataclass(frozen=True)
class Table:
    """Paragraphs sorted by name, then lines of who provides what, then the names of what every system has.

    ``data`` holds them one after another; ``provided`` and ``required`` are where the second and the third begin.
    """

    data: bytes | mmap.mmap
    start: int
    provided: int
    required: int

    @classmethod
    def of(cls, text: bytes) -> Table:
        """The table of the Packages file ``text``."""
        paragraphs, provided, required = [], set(), set()
        for paragraph in _GAP.split(_UNUSED.sub(b"", text.strip() + b"\n")):
            name = b""
            for field, value in _NAMED.findall(paragraph):
                word = value.strip()
                if field == b"Package":
                    name = word
                elif field == b"Provides":
                    provided |= {(given, name) for given in _PROVIDED.findall(word)}
                elif word in (b"yes", b"required"):
                    required.add(name)
            if name:
                paragraphs.append((name + b"\n", paragraph.strip()))
        paragraphs.sort(key=lambda pair: pair[0])
        parts = [
            b"".join(b"%s%s\n\n" % pair for pair in paragraphs),
            b"".join(sorted(b"%s\t%s\n" % pair for pair in provided)),
            b"".join(sorted(b"%s\n" % name for name in required)),
        ]
        return cls(b"".join(parts), 0, len(parts[0]), len(parts[0]) + len(parts[1]))

    @classmethod
    def read(cls, path: Path) -> Table | None:
        """The table that was written to ``path``; None when there is none, or it is damaged."""
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            return None
        end = data.find(b"\n") + 1
        words = data[:end].split(b" ")
        if b" ".join(words[:3]) != _MAGIC or len(words) != 6 or words[5].strip() != _digest(memoryview(data)[end:]):
            return None
        return cls(data, end, end + int(words[3]), end + int(words[4]))

    def write(self, path: Path) -> None:
        """Put the table at ``path`` at once and whole."""
        body = self.data[self.start :]
        header = b"%s %d %d %s\n" % (_MAGIC, self.provided - self.start, self.required - self.start, _digest(body))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as out:
            try:
                out.write(header + body)
                out.flush()
                os.replace(out.name, path)
            except BaseException:
                os.unlink(out.name)
                raise

    def paragraphs(self, name: str) -> list[str]:
        """The paragraphs of the packages of that name."""
        found = self._beginning(name.encode() + b"\n", b"\n\n", self.start, self.provided)
        return [record.decode("utf-8", "replace") for record in found]

    def providers(self, name: str) -> list[str]:
        """The names of packages that provide ``name``, sorted."""
        found = self._beginning(name.encode() + b"\t", b"\n", self.provided, self.required)
        return [record.decode("utf-8", "replace") for record in found]

    def essential(self) -> list[str]:
        """The names of packages that are essential or of priority required, sorted."""
        return self.data[self.required :].decode("utf-8", "replace").split()

    def mention(self, name: str) -> int | None:
        """Where ``name`` is first said, be it by a relation of another package; None where it is not."""
        word, place = name.encode(), self.start - 1
        while (place := self.data.find(word, place + 1, self.provided)) >= 0:
            line = self.data.rfind(b"\n", 0, place) + 1
            end = place + len(word)
            alone = self.data[place - 1 : place] in _BEFORE and self.data[end : end + 1] in _AFTER
            if alone and (line == place or _RELATION.match(self.data[line:place])):
                return place
        return None

    def names(self) -> list[str]:
        """Every name, sorted."""
        paragraphs = self.data[self.start : self.provided].decode("utf-8", "replace").split("\n\n")
        return [paragraph.partition("\n")[0] for paragraph in paragraphs if paragraph]

    def _beginning(self, key: bytes, gap: bytes, start: int, end: int) -> Iterator[bytes]:
        """What follows ``key`` in the records between ``start`` and ``end`` that begin with it."""
        low, high = start, end
        while low < high:
            before = self.data.rfind(gap, low, (low + high) // 2)
            begin = low if before < 0 else before + len(gap)
            if self.data[begin : begin + len(key)] < key:
                low = self.data.find(gap, begin) + len(gap)
            else:
                high = begin
        while low < end and self.data[low : low + len(key)] == key:
            stop = self.data.find(gap, low)
            yield self.data[low + len(key) : stop]
            low = stop + len(gap)


def _digest(data: bytes | memoryview) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
