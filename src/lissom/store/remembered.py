"""A few bytes that one command leaves for the next; nothing depends on them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

__all__ = ["Remembered"]

_LONGEST = 1 << 20


class Remembered:
    """One file, replaced whole. What cannot be read or written is as good as forgotten."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> bytes:
        """What was saved last; b"" when nothing was."""
        try:
            with self._path.open("rb") as file:
                return file.read(_LONGEST)
        except OSError:
            return b""

    def save(self, data: bytes) -> None:
        """Replace what is there. The directory must exist: nobody makes a store for the sake of this."""
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(name, self._path)
            except OSError:
                os.unlink(name)
