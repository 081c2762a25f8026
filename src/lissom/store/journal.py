"""A file of keys and values that several processes append to: what is damaged is as good as not there."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lissom.store.files import write_whole
from lissom.store.lock import locked

__all__ = ["Journal"]


class Journal:
    """Lines of a checksum and a JSON object with what was added at once; the last value of a key counts.

    For what can be made again: a failure to write is no error, and nothing is synced.
    """

    def __init__(self, path: Path, lock: Path, temporary: Path) -> None:
        self._path = path
        self._lock = lock
        self._temporary = temporary

    def read(self) -> dict[str, Any]:
        """All that is there and whole."""
        found: dict[str, Any] = {}
        with suppress(OSError):
            for line in self._path.read_bytes().split(b"\n"):
                if line[:8] == _sum(line[9:]):
                    found.update(json.loads(line[9:]))
        return found

    def finder(self) -> Callable[[str], Iterator[str]]:
        """Finds keys by a piece of their values, where these are texts without quotes; parses and checks nothing.

        What it finds may be an older value's or damaged: for whoever looks at what the key stands for.
        """
        try:
            raw = self._path.read_bytes()
        except OSError:
            raw = b""

        def find(piece: str) -> Iterator[str]:
            at = -1
            while (at := raw.find(piece.encode(), at + 1)) >= 0:
                end = raw.rfind(b'":"', 0, at)
                yield raw[raw.rfind(b'"', 0, max(end, 0)) + 1 : end].decode(errors="replace")

        return find

    def append(self, values: Mapping[str, Any]) -> None:
        """Add values, or replace older ones of the same keys."""
        # What a full disk or a power cut left of a line must not spoil the next one: each begins with a new one.
        with suppress(OSError), locked(self._lock), self._path.open("ab", buffering=0) as file:
            file.write(b"\n" + _line(values))

    def keep(self, keys: Collection[str]) -> None:
        """Write the file anew, with these keys only."""
        with suppress(OSError), locked(self._lock):
            kept = {key: value for key, value in sorted(self.read().items()) if key in keys}
            write_whole(self._path, _line(kept), self._temporary, durable=False)


def _line(values: Mapping[str, Any]) -> bytes:
    said = json.dumps(values, separators=(",", ":")).encode()
    return b"%s %s\n" % (_sum(said), said)


def _sum(data: bytes) -> bytes:
    return b"%08x" % zlib.crc32(data)
