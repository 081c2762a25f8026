"""The regular files of a tree with their digests, by what they came with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from lissom.analysis.inventory.component import File
from lissom.rootfs.entry import Content, Kind
from lissom.rootfs.tree import Tree

__all__ = ["read_files"]

_CHUNK = 1 << 20


def read_files(tree: Tree, owner: Callable[[str], str]) -> dict[str, list[File]]:
    """Every regular file, in the order of paths, under what ``owner`` says of its path. One file is read once."""
    found: dict[str, list[File]] = {}
    digests: dict[str, tuple[str, str]] = {}
    for path, entry in tree.items():
        if entry.kind is not Kind.FILE or entry.content is None:
            continue
        key = entry.inode or f"/{path}"
        if key not in digests:
            digests[key] = _digests(entry.content)
        found.setdefault(owner(path), []).append(File(f"/{path}", *digests[key]))
    return found


def _digests(content: Content) -> tuple[str, str]:
    """SHA-1, which SPDX asks for, and SHA-256."""
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    with content.open() as stream:
        while data := stream.read(_CHUNK):
            sha1.update(data)
            sha256.update(data)
    return sha1.hexdigest(), sha256.hexdigest()
