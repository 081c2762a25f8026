"""A program that is many: busybox under each of its names, as hard links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lissom.errors import IntegrityError, UsageError
from lissom.rootfs.entry import Entry

__all__ = ["applets"]

_LIST = b"\0[\0[[\0"
_NAME = re.compile(r"[a-z0-9_\[][a-z0-9_.\[-]*")


def applets(program: Entry, directory: str) -> Iterator[Entry]:
    """``program`` in ``directory`` by its own name and by those that the list in it has.

    Raises UsageError when it is no file, IntegrityError when it holds no list.
    """
    if program.content is None:
        raise UsageError(f"cannot make applets of `/{program.path}`: it is no file")
    with program.content.open() as stream:
        data = stream.read()
    start = data.find(_LIST)
    end = data.find(b"\0\0", start)
    if start < 0 or end < 0:
        raise IntegrityError(f"cannot make applets of `/{program.path}`: it holds no list of them")
    names = data[start + 1 : end].decode("ascii", "replace").split("\0")
    for name in ("busybox", *names):
        if not _NAME.fullmatch(name):
            raise IntegrityError(f"cannot make applets of `/{program.path}`: its list of them is damaged")
        yield replace(program, path=f"{directory}/{name}", inode="applets")
