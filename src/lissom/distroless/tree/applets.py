"""A program that is many: busybox under each of its names, as hard links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lissom.distroless.tree.assembled import Origin
from lissom.distroless.tree.draft import Draft
from lissom.errors import IntegrityError, UsageError
from lissom.rootfs.entry import Entry, Kind, parent_of

__all__ = ["DEBUG", "put_applets", "put_debug"]

DEBUG = "busybox"
"""The directory of the programs that ``debug`` adds: no program looks there by accident."""

_LIST = b"\0[\0[[\0"
_NAME = re.compile(r"[a-z0-9_\[][a-z0-9_.\[-]*")


def put_applets(draft: Draft, path: str) -> None:
    """Give the program ``path`` all its names beside it. Raises UsageError, IntegrityError."""
    place = path.lstrip("/")
    source = place if place in draft.entries else f"usr/{place}"
    if source not in draft.entries:
        raise UsageError(f"cannot make applets of `{path}`: no package has this file")
    _move(draft, source, parent_of(place))


def put_debug(draft: Draft) -> None:
    """Move busybox, by all its names, to the directory ``DEBUG``. Raises UsageError, IntegrityError."""
    source = "usr/bin/busybox"
    if source not in draft.entries:
        raise UsageError(f"cannot add a shell for `debug`: no package has `/{source}`")
    _move(draft, source, DEBUG)
    draft.put([Entry(DEBUG, Kind.DIRECTORY, 0o755)], draft.origins[f"{DEBUG}/busybox"])


def _move(draft: Draft, source: str, directory: str) -> None:
    names, origin = list(_applets(draft.entries[source], directory)), draft.origins[source]
    draft.remove([source])
    draft.put(names, Origin(origin.package, "a name of the program"))


def _applets(program: Entry, directory: str) -> Iterator[Entry]:
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
