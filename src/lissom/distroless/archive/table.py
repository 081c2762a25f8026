"""One Packages file, kept so that a name is found in it without reading the rest."""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from lissom.store.files import write_whole

__all__ = ["Table"]

_MAGIC = b"lissom packages 2"
# These begin with the end of the line before: that is three times as quick as to look at each beginning of a line.
_UNUSED = re.compile(
    rb"\n(?:Description|Description-md5|Tag|MD5sum|SHA1|Homepage|Maintainer|Original-Maintainer|Installed-Size"
    rb"|Build-Ids|Python-Version|Ruby-Versions|Task):[^\n]*(?:\n[ \t][^\n]*)*"
)
_NAMED = re.compile(rb"\n(Package|Provides|Essential|Priority)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)")
_PROVIDED = re.compile(rb"(?:^|,)\s*([a-z0-9][a-z0-9+.\-]*)")
_RELATION = re.compile(
    rb"(?:Package|Pre-Depends|Depends|Recommends|Suggests|Conflicts|Breaks|Replaces|Enhances)[ \t]*:", re.IGNORECASE
)
_BEFORE = (b" ", b",", b"|", b"\t", b":")
_AFTER = (b"\n", b" ", b",", b"|", b"(", b":")
_GAP = re.compile(rb"\n(?:[ \t]*\n)+")


@dataclass(frozen=True)
class Table:
    """Paragraphs as they come; sorted lines of where each name's are, and of who provides what; the names of what every
    system has.

    ``data`` holds them one after another, from ``start``; the others are where each of them begins.
    """

    data: bytes | mmap.mmap
    start: int
    named: int
    provided: int
    required: int

    @classmethod
    def of(cls, text: bytes) -> Table:
        """The table of the Packages file ``text``."""
        paragraphs, names, provided, required = [], [], set(), set()
        place = 0
        for paragraph in _GAP.split(_UNUSED.sub(b"", b"\n" + text.strip())):
            fields = dict(_NAMED.findall(b"\n" + paragraph))
            if not (name := fields.get(b"Package", b"").strip()):
                continue
            if b"Provides" in fields:
                provided |= {(given, name) for given in _PROVIDED.findall(fields[b"Provides"])}
            if fields.get(b"Essential", b"").strip() == b"yes" or fields.get(b"Priority", b"").strip() == b"required":
                required.add(name)
            paragraphs.append(paragraph.strip() + b"\n\n")
            names.append(b"%s\t%d\n" % (name, place))
            place += len(paragraphs[-1])
        parts = [
            b"".join(paragraphs),
            b"".join(sorted(names)),
            b"".join(sorted(b"%s\t%s\n" % pair for pair in provided)),
            b"".join(sorted(b"%s\n" % name for name in required)),
        ]
        ends = list(accumulate(len(part) for part in parts))
        return cls(b"".join(parts), 0, *ends[:3])

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
        if b" ".join(words[:3]) != _MAGIC or len(words) != 7 or words[6].strip() != _digest(memoryview(data)[end:]):
            return None
        return cls(data, end, *(end + int(word) for word in words[3:6]))

    def write(self, path: Path) -> None:
        """Put the table at ``path`` at once and whole."""
        body = self.data[self.start :]
        places = " ".join(str(place - self.start) for place in (self.named, self.provided, self.required))
        header = b"%s %s %s\n" % (_MAGIC, places.encode(), _digest(body))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, header + body, path.parent, durable=False)

    def paragraphs(self, name: str) -> list[str]:
        """The paragraphs of the packages of that name."""
        starts = [self.start + int(place) for place in self._after(name, self.named, self.provided)]
        return [self.data[one : self.data.find(b"\n\n", one)].decode("utf-8", "replace") for one in starts]

    def providers(self, name: str) -> list[str]:
        """The names of packages that provide ``name``, sorted."""
        return [one.decode("utf-8", "replace") for one in self._after(name, self.provided, self.required)]

    def essential(self) -> list[str]:
        """The names of packages that are essential or of priority required, sorted."""
        return self.data[self.required :].decode("utf-8", "replace").split()

    def mention(self, name: str) -> int | None:
        """Where ``name`` is first said, be it by a relation of another package; None where it is not."""
        word, place = name.encode(), self.start - 1
        while (place := self.data.find(word, place + 1, self.named)) >= 0:
            line = self.data.rfind(b"\n", 0, place) + 1
            end = place + len(word)
            alone = self.data[place - 1 : place] in _BEFORE and self.data[end : end + 1] in _AFTER
            if alone and _RELATION.match(self.data[line:place]):
                return place
        return None

    def names(self) -> list[str]:
        """Every name, sorted."""
        lines = self.data[self.named : self.provided].decode("utf-8", "replace").splitlines()
        return [line.partition("\t")[0] for line in lines]

    def _after(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The second words of the lines between ``start`` and ``end`` whose first is ``name``."""
        key = name.encode() + b"\t"
        low, high = start, end
        while low < high:
            line = max(self.data.rfind(b"\n", low, (low + high) // 2) + 1, low)
            if self.data[line : line + len(key)] < key:
                low = self.data.find(b"\n", line) + 1
            else:
                high = line
        while low < end and self.data[low : low + len(key)] == key:
            stop = self.data.find(b"\n", low)
            yield self.data[low + len(key) : stop]
            low = stop + 1


def _digest(data: bytes | memoryview) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
