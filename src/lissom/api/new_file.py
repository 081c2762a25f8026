"""A file that somebody named for what we make: whole under its name, or as it was before."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["new_file"]


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open what is to be at ``path``: it takes that name when the block is left without an error.

    Links are followed, and what is there but is no file, such as a device or a pipe, is written to as it stands: a
    rename would put a file in its place. Raises OSError.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device
        return
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{target.name}-{secrets.token_hex(6)}")
    try:
        with partial.open("x+b") as file:
            yield file
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
