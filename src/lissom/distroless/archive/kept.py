"""Small files of archives that are asked for each time: kept with their dates, so that a server can say "as before"."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lissom.store.files import write_whole

__all__ = ["Kept"]

_MAGIC = b"lissom kept 1"


@dataclass(frozen=True, slots=True)
class Kept:
    """Files by URI below ``directory``; one that is damaged is not there."""

    directory: Path

    def get(self, uri: str) -> tuple[str, bytes] | None:
        """What the server said of its date, in its words, and the content."""
        try:
            header, _, data = self._path(uri).read_bytes().partition(b"\n")
        except OSError:
            return None
        magic, _, rest = header.partition(b"\t")
        digest, _, date = rest.partition(b"\t")
        if magic != _MAGIC or digest != hashlib.sha256(data).hexdigest().encode():
            return None
        return date.decode("ascii", "replace"), data

    def put(self, uri: str, date: str, data: bytes) -> None:
        """Keep ``data``, at once and whole."""
        self.directory.mkdir(parents=True, exist_ok=True)
        header = b"\t".join((_MAGIC, hashlib.sha256(data).hexdigest().encode(), date.encode("ascii", "replace")))
        write_whole(self._path(uri), header + b"\n" + data, self.directory, durable=False)

    def _path(self, uri: str) -> Path:
        return self.directory / hashlib.sha256(uri.encode()).hexdigest()[:32]
