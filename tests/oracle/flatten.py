"""Layers on top of each other, by the standard library's tar reader: what a container would see."""

from __future__ import annotations

import gzip
import hashlib
import io
import stat
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import zstandard

KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.DIRTYPE: "dir",
    tarfile.SYMTYPE: "link",
    tarfile.CHRTYPE: "char",
    tarfile.BLKTYPE: "block",
    tarfile.FIFOTYPE: "fifo",
}
XATTR = "SCHILY.xattr."


@dataclass(frozen=True, eq=False)
class Inode:
    """What a path leads to; two paths with the same Inode object are hard links of each other."""

    kind: str
    mode: int
    owner: str
    size: int = 0
    sha256: str = ""
    target: str = ""
    xattrs: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        words = [self.kind, self.owner] if self.kind == "link" else [self.kind, f"{self.mode:04o}", self.owner]
        if self.kind == "file":
            words += [str(self.size), self.sha256[:12]]
        if self.target:
            words += ["->" if self.kind == "link" else "device", self.target]
        return " ".join(words + [f"{name}={value}" for name, value in self.xattrs])


@dataclass
class Changes:
    """One layer as read: what it hides, then what it brings, in the order of the tar."""

    diff_id: str
    opaque: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    entries: list[tuple[str, Inode | str]] = field(default_factory=list)


@lru_cache(maxsize=64)
def read_layer(data: bytes) -> Changes:
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    elif data[:4] == b"\x28\xb5\x2f\xfd":
        data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True).read()
    changes = Changes("sha256:" + hashlib.sha256(data).hexdigest())
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for member in tar:
            path = "/" + member.name.removeprefix("./").strip("/")
            assert ".." not in path.split("/"), f"a layer reaches out of its root: {member.name}"
            parent, _, name = path.rpartition("/")
            if name == ".wh..wh..opq":
                changes.opaque.append(parent)
            elif name.startswith(".wh."):
                changes.gone.append(f"{parent}/{name.removeprefix('.wh.')}")
            elif member.islnk():
                changes.entries.append((path, "/" + member.linkname.removeprefix("./").strip("/")))
            elif path not in ("/", "/."):
                changes.entries.append((path, inode(tar, member)))
    return changes


def inode(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Inode:
    kind = KINDS[member.type]
    target = member.linkname if kind == "link" else ""
    if kind in ("char", "block"):
        target = f"{member.devmajor}:{member.devminor}"
    content = tar.extractfile(member).read() if kind == "file" else b""  # type: ignore[union-attr]
    xattrs = sorted(
        (key.removeprefix(XATTR), value.encode("utf-8", "surrogateescape").hex())
        for key, value in member.pax_headers.items()
        if key.startswith(XATTR)
    )
    return Inode(
        kind,
        stat.S_IMODE(member.mode),
        f"{member.uid}:{member.gid}",
        len(content),
        hashlib.sha256(content).hexdigest() if kind == "file" else "",
        target,
        tuple(xattrs),
    )


def flatten(layers: Sequence[bytes]) -> dict[str, Inode]:
    """The merged tree of ``layers``, bottom first."""
    tree: dict[str, Inode] = {}
    for data in layers:
        changes = read_layer(data)
        for path in changes.opaque:
            remove_below(tree, path)
        for path in changes.gone:
            remove_below(tree, path)
            tree.pop(path, None)
        for path, what in changes.entries:
            node = tree[what] if isinstance(what, str) else what
            old = tree.get(path)
            if old is not None and old.kind == "dir" and node.kind != "dir":
                remove_below(tree, path)
            tree[path] = node
    for path in tree:
        parent = path.rpartition("/")[0]
        assert not parent or parent not in tree or tree[parent].kind == "dir", (
            f"{path} is below something that is no directory"
        )
    return tree


def remove_below(tree: dict[str, Inode], path: str) -> None:
    for below in [each for each in tree if each.startswith(path + "/")]:
        del tree[below]


def words(tree: dict[str, Inode]) -> dict[str, str]:
    """Each path with its inode in words; hard links name the first path of their group."""
    first: dict[int, str] = {}
    counted: dict[int, int] = {}
    for path in sorted(tree):
        first.setdefault(id(tree[path]), path)
        counted[id(tree[path])] = counted.get(id(tree[path]), 0) + 1
    return {
        path: f"{node} hard {first[id(node)]}" if counted[id(node)] > 1 else str(node)
        for path, node in sorted(tree.items())
    }


def difference(base: dict[str, str], tree: dict[str, str]) -> dict[str, str]:
    """What ``tree`` has otherwise than ``base``: path to words, or "gone"."""
    changed = {path: line for path, line in tree.items() if base.get(path) != line}
    return changed | {path: "gone" for path in base if path not in tree}
