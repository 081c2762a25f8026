"""Which paths of a package come into an image, in dpkg's words: path-exclude and path-include; see dpkg(1)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset

__all__ = ["kept", "merge_usr", "merged", "merged_links"]

_MERGED = ("bin", "lib", "lib32", "lib64", "libo32", "libx32", "sbin")
_BELOW = tuple(f"{name}/" for name in _MERGED)
_FOREIGN_LIBRARIES = {"amd64": ("lib32", "lib64", "libx32"), "i386": ("lib64", "libx32"), "ppc64el": ("lib64",)}


def kept(changeset: Changeset, filters: Sequence[str]) -> Changeset:
    """``changeset`` without what ``filters`` exclude, the last fitting one deciding; parents of what is kept stay."""
    rules = [
        (kind == "path-include", re.compile(fnmatch.translate(glob)))
        for kind, _, glob in (one.partition("=") for one in filters)
    ]
    entries: dict[str, Entry] = {}
    for path, entry in changeset.entries.items():
        fitting = [include for include, glob in rules if glob.match(f"/{path}")]
        if not fitting or fitting[-1]:
            entries[path] = entry
            while path := path.rpartition("/")[0]:
                if path in changeset.entries:
                    entries.setdefault(path, changeset.entries[path])
    return Changeset.of(entries.values())


def merge_usr(entries: Iterable[Entry]) -> list[Entry]:
    """``/bin/x`` becomes ``/usr/bin/x``: packages of before the merge still ship the old paths."""
    return [replace(entry, path=merged(entry.path)) for entry in entries if entry.path not in _MERGED]


def merged(path: str) -> str:
    """Where the file ``path`` of a package really is."""
    return f"usr/{path}" if path.startswith(_BELOW) else path


def merged_links(architecture: str) -> list[Entry]:
    """The links ``/bin`` → ``usr/bin`` and so on, and the directories they lead to."""
    names = sorted({"bin", "lib", "sbin", *_FOREIGN_LIBRARIES.get(architecture, ())})
    links = [Entry(name, Kind.SYMLINK, 0o777, link=f"usr/{name}") for name in names]
    return [Entry("usr", Kind.DIRECTORY, 0o755), *links, *(Entry(f"usr/{n}", Kind.DIRECTORY, 0o755) for n in names)]
