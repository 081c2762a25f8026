"""Where contents go that are read again after a layer went by: one file on disk, so that memory stays small."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from lissom.rootfs.entry import FileSlice

__all__ = ["Spool"]


class Spool:
    """A growing file. What ``keep`` gives can be opened once ``flush`` was called."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("xb")
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def begin(self) -> int:
        """Where the next content begins."""
        return self._size

    def write(self, data: memoryview | bytes) -> None:
        """The next bytes of the content."""
        self._file.write(data)
        self._size += len(data)

    def end(self, start: int) -> FileSlice:
        """The content that began at ``start``."""
        return FileSlice(self._path, start, self._size - start)

    def flush(self) -> None:
        """Let what was written so far be read."""
        self._file.flush()
