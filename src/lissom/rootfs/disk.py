"""Trees on disk: unpack layers, write changesets, read overlay upper directories, scan."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from lissom.errors import IntegrityError, StoreError
from lissom.rootfs.ahead import CHUNK
from lissom.rootfs.compress import decompressed
from lissom.rootfs.entry import Entry, HostFile, Kind
from lissom.rootfs.ownership import Ownership
from lissom.rootfs.place import Placer, with_parents
from lissom.rootfs.tar import Limits, TarReader
from lissom.rootfs.tree import Changeset, Tree
from lissom.rootfs.walk import Walk

__all__ = ["Ownership", "extract", "read_upper", "scan", "unpack", "write"]


def extract(
    stream: BinaryIO,
    directory: Path,
    *,
    origin: str,
    ownership: Ownership = Ownership.KERNEL,
    overlay: bool = False,
    userxattr: bool = False,
    limits: Limits | None = None,
    tap: Callable[[bytes], object] | None = None,
) -> Changeset:
    """Unpack as ``unpack`` does; what it did, with content on disk."""
    changeset = unpack(
        stream, directory, origin=origin, ownership=ownership, overlay=overlay, userxattr=userxattr, limits=limits,
        tap=tap,
    )  # fmt: skip
    return _with_host_files(changeset, directory)


def unpack(
    stream: BinaryIO,
    directory: Path,
    *,
    origin: str,
    ownership: Ownership = Ownership.KERNEL,
    overlay: bool = False,
    userxattr: bool = False,
    limits: Limits | None = None,
    tap: Callable[[bytes], object] | None = None,
) -> Changeset:
    """Unpack a layer, compressed or not, into ``directory`` in one pass; what it did, files without content.

    With ``overlay`` the directory is new and becomes an overlay lower: whiteouts are 0:0 devices, opaque directories
    carry overlay's attribute, and hard links to lower files are left to ``Changeset.complete``. Without it the layer
    is applied to what is there. ``tap`` sees the plain tar's bytes in order (to hash the diff ID). The stream is read
    to its end and not closed. On an error the directory is incomplete. Raises IntegrityError, StoreError.
    """
    with (
        decompressed(stream, threaded=True, tap=tap) as plain,
        Placer(os.fspath(directory), ownership=ownership, userxattr=userxattr) as placer,
    ):
        reader = TarReader(plain, origin=origin, limits=limits)
        known: set[str] = set()
        for entry in reader:
            if entry.kind is not Kind.HARDLINK:
                placer.put(entry, reader.chunks() if entry.kind is Kind.FILE else ())
            elif not overlay or entry.link in known:
                placer.link(entry.path, entry.link)
            else:
                continue
            if not entry.is_directory:
                known.add(entry.path)
        changeset = reader.changeset
        _hide(placer, changeset, overlay=overlay)
        placer.finish()
    return changeset


def write(
    changeset: Changeset,
    directory: Path,
    *,
    ownership: Ownership = Ownership.KERNEL,
    overlay: bool = False,
    userxattr: bool = False,
) -> Changeset:
    """Write ``changeset`` to ``directory`` as ``extract`` would; the same changeset with content on disk."""
    first: dict[str, str] = {}
    with Placer(os.fspath(directory), ownership=ownership, userxattr=userxattr) as placer:
        for path in sorted(changeset.entries):
            entry = changeset.entries[path]
            target = entry.link if entry.kind is Kind.HARDLINK else path
            if entry.inode and not entry.is_directory:
                target = first.setdefault(entry.inode, path)
            if target != path:
                placer.link(path, target)
            elif entry.kind is Kind.FILE:
                placer.put(entry, _chunks(entry))
            else:
                placer.put(entry)
        _hide(placer, changeset, overlay=overlay)
        placer.finish()
    return _with_host_files(changeset, directory)


def _hide(placer: Placer, changeset: Changeset, *, overlay: bool) -> None:
    if overlay:
        for path in sorted(changeset.whiteouts):
            placer.whiteout(path)
        for path in sorted(changeset.opaques):
            placer.opaque(path)
    elif changeset.whiteouts or changeset.opaques:
        kept = with_parents(changeset.entries)
        for path in sorted(changeset.whiteouts):
            placer.remove_others(path, kept)
        for path in sorted(changeset.opaques):
            placer.clear_others(path, kept)


def _chunks(entry: Entry) -> Iterator[bytes]:
    if entry.content is None:
        if entry.size:
            raise IntegrityError(f"cannot write `/{entry.path}`: its content is not at hand")
        return
    left = entry.size
    with entry.content.open() as source:
        while data := source.read(CHUNK):
            left -= len(data)
            yield data
    if left:
        raise IntegrityError(f"cannot write `/{entry.path}`: its size changed while it was read")


def _with_host_files(changeset: Changeset, directory: Path) -> Changeset:
    root = os.fspath(directory)
    entries = {
        path: replace(entry, content=HostFile(f"{root}/{path}")) if entry.kind is Kind.FILE else entry
        for path, entry in changeset.entries.items()
    }
    return Changeset(entries, changeset.whiteouts, changeset.opaques)


def _walked(directory: Path, origin: str, ownership: Ownership, *, userxattr: bool) -> Walk:
    opaque = "user.overlay.opaque" if userxattr else "trusted.overlay.opaque"
    walk = Walk(os.fspath(directory), origin, ownership is Ownership.RECORDED, opaque)
    try:
        walk.visit()
    except OSError as error:
        raise StoreError(f"cannot read `{error.filename}`: {error.strerror}") from error
    return walk


def read_upper(
    directory: Path, *, origin: str, ownership: Ownership = Ownership.KERNEL, userxattr: bool = False
) -> Changeset:
    """The changeset that an overlay upper directory (or a layer unpacked with ``overlay``) holds.

    Sockets are left out, as from every image. So is the root: its attributes are those of the upper directory itself,
    and BuildKit leaves it out too. Raises StoreError.
    """
    walk = _walked(directory, origin, ownership, userxattr=userxattr)
    return Changeset.of((entry for entry in walk.entries if entry.path), walk.whiteouts, walk.opaques)


def scan(directory: Path, *, origin: str = "", ownership: Ownership = Ownership.KERNEL) -> Tree:
    """The tree that a plain directory holds; sockets and 0:0 devices are left out. Raises StoreError."""
    walk = _walked(directory, origin or os.fspath(directory), ownership, userxattr=False)
    return Tree({entry.path: entry for entry in walk.entries})
