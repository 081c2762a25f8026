"""What came back from a probe, kept within bounds whatever the container sends."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

__all__ = ["Answer", "Body"]

_KEPT = 8 << 20


class Body:
    """Bytes as they come: all of them are digested and counted, the first megabytes are kept to look into."""

    def __init__(self, data: bytes = b"") -> None:
        self._digest = hashlib.sha256()
        self._parts: list[bytes] = []
        self._kept = 0
        self.size = 0
        if data:
            self.feed(data)

    def feed(self, data: bytes) -> None:
        """Add what came next."""
        self._digest.update(data)
        self.size += len(data)
        if self._kept < _KEPT:
            part = data[: _KEPT - self._kept]
            self._parts.append(part)
            self._kept += len(part)

    @property
    def data(self) -> bytes:
        """What was kept."""
        if len(self._parts) > 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""

    @property
    def text(self) -> str:
        return self.data.decode(errors="replace")

    @property
    def digest(self) -> str:
        """``sha256:…`` of everything."""
        return f"sha256:{self._digest.hexdigest()}"


@dataclass(frozen=True)
class Answer:
    """``status`` is HTTP's or an exit status; ``body`` is also a command's stdout, ``errors`` its stderr.

    Names of ``headers`` are in lower case. Of PostgreSQL the body is rows, or with status 1 an error.
    """

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = field(default_factory=Body)
    errors: Body = field(default_factory=Body)

    def header(self, name: str) -> str:
        """The first header of that name, or nothing."""
        return next((value for key, value in self.headers if key == name.lower()), "")
