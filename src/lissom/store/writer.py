"""A blob that is being written: hashed on its way, named by its digest at the end."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from lissom.oci.digest import Digest
from lissom.store.files import fresh, storing

__all__ = ["BlobWriter", "install"]


class BlobWriter:
    """Write a blob whose digest is not known before. Without ``commit`` nothing stays.

    A context manager: leaving it without ``commit`` drops what was written.
    """

    def __init__(self, root: Path, blobs: Path, temporary: Path) -> None:
        self._root = root
        self._blobs = blobs
        self._path = fresh(temporary, "blob-")
        self._hash = hashlib.sha256()
        self._size = 0
        self._done = False
        with storing(root, "a blob"):
            self._file = open(self._path, "xb", buffering=0)  # noqa: SIM115 - closed by commit or abort

    def write(self, data: bytes | memoryview) -> int:
        """Append ``data``. Raises StoreError when the disk is full."""
        with storing(self._root, "a blob"):
            view = memoryview(data).cast("B")
            left = view
            while left:
                left = left[self._file.write(left) :]
        self._hash.update(view)
        self._size += len(view)
        return len(view)

    def commit(self) -> tuple[Digest, int]:
        """Make the blob durable under its digest. Gives digest and size."""
        digest = Digest("sha256:" + self._hash.hexdigest())
        with storing(self._root, f"blob `{digest}`"):
            os.fdatasync(self._file.fileno())
            self._file.close()
            install(self._path, self._blobs, digest)
        self._done = True
        return digest, self._size

    def abort(self) -> None:
        """Drop what was written; after ``commit`` it does nothing."""
        if not self._done:
            with suppress(OSError):
                self._file.close()
            self._path.unlink(missing_ok=True)
            self._done = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.abort()


def install(path: Path, blobs: Path, digest: Digest) -> None:
    """Rename a complete, synced file to its place among the blobs. The index syncs their names when it changes."""
    directory = blobs / digest.algorithm
    directory.mkdir(exist_ok=True)
    os.chmod(path, 0o444)
    os.rename(path, directory / digest.hex)
