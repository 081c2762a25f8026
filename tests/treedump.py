"""A tree in words that tests compare: ``{"/usr/bin/x": "file 0755 0:0 1a2b3c4d"}``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from lissom.rootfs.entry import Entry, Kind


def treedump(tree: Mapping[str, Entry], *, times: bool = False, groups: bool = True) -> dict[str, str]:
    """One line for each path: kind, mode, owner, then what the kind has: content hash, target, device, xattrs, links.

    Hard-linked files name the first path of their group. ``times`` adds mtimes. Files without content show their size.
    """
    first: dict[str, str] = {}
    lines: dict[str, str] = {}
    for path in sorted(tree):
        entry = tree[path]
        words = [entry.kind.value, f"{entry.mode:04o}", f"{entry.uid}:{entry.gid}", *_particulars(entry)]
        words += [f"{name}={value.hex()}" for name, value in sorted(entry.xattrs.items())]
        if times:
            words.append(f"@{entry.mtime}")
        if groups and entry.inode and not entry.is_directory:
            leader = first.setdefault(entry.inode, path)
            if leader != path:
                words.append(f"same as /{leader}")
        lines[f"/{path}"] = " ".join(words)
    return lines


def _particulars(entry: Entry) -> list[str]:
    if entry.kind is Kind.FILE:
        return [_content_hash(entry)]
    if entry.kind in (Kind.SYMLINK, Kind.HARDLINK):
        return [f"-> {entry.link}"]
    if entry.kind in (Kind.CHARACTER, Kind.BLOCK):
        return [f"{entry.device[0]}:{entry.device[1]}"]
    return []


def _content_hash(entry: Entry) -> str:
    if entry.content is None:
        return f"({entry.size} bytes)"
    with entry.content.open() as stream:
        return hashlib.sha256(stream.read()).hexdigest()[:8]
