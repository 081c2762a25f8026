"""A file of stacked directories in overlay form, found without a mount and without reading what else they hold."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

__all__ = ["Unclear", "look"]

_OPAQUE = ("trusted.overlay.opaque", "user.overlay.opaque")


class Unclear(Exception):  # noqa: N818 - an answer, not an error: the caller asks a tree instead
    """A symbolic link or a device is on the way: only a whole tree knows where it leads."""


def look(lowers: Sequence[Path], path: str) -> Path | None:
    """Where the regular file ``path`` of the stack (bottom first) is; None when there is none. Raises Unclear."""
    parts = path.split("/")
    for lower in reversed(lowers):
        here = lower
        for number, part in enumerate(parts, 1):
            hides = _is_opaque(here) if number > 1 else False
            here = here / part
            try:
                status = os.lstat(here)
            except FileNotFoundError:
                if hides:
                    return None
                break
            if stat.S_ISCHR(status.st_mode) and status.st_rdev == 0:
                return None
            if number < len(parts) and not stat.S_ISDIR(status.st_mode):
                raise Unclear
            if number == len(parts):
                if not stat.S_ISREG(status.st_mode):
                    raise Unclear
                return here
    return None


def _is_opaque(directory: Path) -> bool:
    for name in _OPAQUE:
        with suppress(OSError):
            if os.getxattr(directory, name, follow_symlinks=False) == b"y":
                return True
    return False
