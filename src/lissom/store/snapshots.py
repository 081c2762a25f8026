"""Snapshots: changesets of the store as trees, as directories for overlay mounts, and as layers.

A chain is a sequence of deltas, bottom first. A delta never changes once it is there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lissom.errors import IntegrityError, StoreError
from lissom.events import Listener, silent
from lissom.image.image import Layer
from lissom.image.layers import pack, read_layer
from lissom.oci.digest import Digest
from lissom.rootfs.compress import Compression
from lissom.rootfs.disk import read_upper, write
from lissom.rootfs.entry import HostFile
from lissom.rootfs.ownership import Ownership
from lissom.rootfs.tar import Limits
from lissom.rootfs.tree import Changeset, Tree
from lissom.store.deltas import Delta, Deltas, id_of
from lissom.store.entries import decode
from lissom.store.files import fresh, remove_tree, storing, write_whole
from lissom.store.shape import Shape
from lissom.store.store import Store
from lissom.store.unpack import Unpacker, variant_of

__all__ = ["Delta", "Snapshots", "Workspace"]

_TREES = 32
_BASE = "base-"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Empty directories on the store's file system for one overlay mount; ``path`` is for what else a step needs."""

    path: Path
    upper: Path
    work: Path


@dataclass(frozen=True, slots=True)
class _Stored:
    """Content of a file of a delta, which is unpacked when it is first opened."""

    snapshots: Snapshots
    delta: Delta
    path: str

    def open(self) -> BinaryIO:
        return self.snapshots.unpacker.open_file(self.delta, self.path)


class Snapshots:
    """The deltas of a store. Safe for several threads, and for several processes on one store.

    Raises StoreError when the store's directories keep owners in another way.
    """

    def __init__(
        self,
        store: Store,
        ownership: Ownership,
        *,
        userxattr: bool = False,
        listener: Listener = silent,
        limits: Limits | None = None,
    ) -> None:
        _settle(store, ownership)
        self.store = store
        self.ownership = ownership
        self.userxattr = userxattr
        self.deltas = Deltas(store)
        self.unpacker = Unpacker(
            self.deltas, ownership, userxattr=userxattr, listener=listener, limits=limits or Limits()
        )
        self._changesets: OrderedDict[tuple[str, bool], Changeset] = OrderedDict()
        self._trees: OrderedDict[tuple[str, ...], Tree] = OrderedDict()
        self._guard = threading.Lock()
        self._packing: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)

    def find(self, identity: str) -> Delta | None:
        """The delta of that id, None when it is not in the store."""
        return self.deltas.find(identity)

    def adopt(self, layer: Layer) -> Delta:
        """The delta of a layer whose blob is in the store; nothing is unpacked. Raises StoreError without a blob.

        A config may lie about a diff ID. Where two blobs claim the same one, both are read, and only those stay that
        have it: an image never gets another's layer by a false claim. Raises IntegrityError when ``layer`` is false.
        """
        identity = id_of(layer.diff_id)
        name = f"{_BASE}{layer.descriptor.digest.hex}"
        found = self.deltas.find(identity)
        if found and (self.deltas.path(found) / "layers" / f"{name}.json").exists():
            return found
        if not self.store.has(layer.descriptor.digest):
            raise StoreError(f"cannot use layer `{layer.descriptor.digest}`: its blob is not in the store")
        delta = found or self.deltas.create(Delta(identity, layer.diff_id))
        self._doubt(delta, layer)
        self.deltas.add_layer(delta, name, layer)
        return delta

    def _doubt(self, delta: Delta, layer: Layer) -> None:
        """Forget what falsely claims to be ``delta``; raise IntegrityError if that is ``layer``."""
        known = self.deltas.layers(delta)
        if any(other.descriptor.digest == layer.descriptor.digest for other in known.values()):
            return
        if known or self.unpacker.existing(delta):
            read_layer(layer, self.store, limits=self.unpacker.limits)
        for name, other in known.items():
            try:
                read_layer(other, self.store, limits=self.unpacker.limits)
            except IntegrityError:
                self.deltas.remove_layer(delta, name)

    def ingest(self, layer: Layer, stream: BinaryIO) -> Delta:
        """Unpack a layer from ``stream`` (its blob's bytes) while they arrive; verified before it counts.

        The blob need not be in the store; whoever reads the stream may store it meanwhile. Raises IntegrityError.
        """
        delta = self.deltas.find(id_of(layer.diff_id)) or self.deltas.create(Delta(id_of(layer.diff_id), layer.diff_id))
        new = self.unpacker.existing(delta) is None
        self.unpacker.unpack(delta, layer, stream)
        if new:
            self.deltas.add_layer(delta, f"{_BASE}{layer.descriptor.digest.hex}", layer)
        return delta

    def put_changeset(self, changeset: Changeset, *, pack: Compression | None, timestamp: int | None = None) -> Delta:
        """A delta of ``changeset``: with ``pack`` its layer blob is written, without it a directory."""
        if pack is not None:
            return self._put_packed(changeset, pack, timestamp)
        directory = fresh(self.store.temporary, "tree-")
        try:
            with storing(self.store.root, "a snapshot"):
                directory.mkdir(mode=0o755)
                write(changeset, directory, ownership=self.ownership, overlay=True, userxattr=self.userxattr)
            return self.deltas.create(Delta(_new_id()), changeset=changeset, tree=directory)
        finally:
            remove_tree(directory)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """Directories for one step, removed at the end; ``put_upper`` takes the upper one away before."""
        path = fresh(self.store.temporary, "work-")
        workspace = Workspace(path, path / "upper", path / "work")
        try:
            with storing(self.store.root, "a workspace"):
                for directory in (workspace.path, workspace.upper, workspace.work):
                    directory.mkdir()
                    directory.chmod(0o755)
            yield workspace
        finally:
            remove_tree(path)

    def put_upper(self, workspace: Workspace) -> Delta:
        """Make the overlay's upper directory a delta; it is moved, not copied."""
        identity = _new_id()
        changeset = read_upper(workspace.upper, origin=identity, ownership=self.ownership, userxattr=self.userxattr)
        return self.deltas.create(Delta(identity), changeset=changeset, tree=workspace.upper)

    def changeset(self, delta: Delta) -> Changeset:
        """What the delta does; contents open from its directory, which is unpacked when first needed."""
        directory = self.unpacker.existing(delta)
        key = (delta.id, directory is not None)
        with self._guard:
            if key in self._changesets:
                self._changesets.move_to_end(key)
                return self._changesets[key]
        data = self.deltas.entries(delta) or self.unpacker.list_entries(delta)
        root = os.fspath(directory) if directory else None
        found = decode(data, lambda path: HostFile(f"{root}/{path}") if root else _Stored(self, delta, path))
        with self._guard:
            self._changesets[key] = found
            if len(self._changesets) > 4 * _TREES:
                self._changesets.popitem(last=False)
        return found

    def shape(self, delta: Delta) -> Shape:
        """What the delta amounts to; its entries are read when nobody asked before."""
        return self.deltas.shape(delta) or Shape.of(self.changeset(delta))

    def tree(self, chain: Sequence[Delta]) -> Tree:
        """The tree of a chain. Nothing is unpacked until the content of a file is opened."""
        key = tuple(delta.id for delta in chain)
        with self._guard:
            if key in self._trees:
                self._trees.move_to_end(key)
                return self._trees[key]
        if not chain:
            return Tree()
        below = self.tree(chain[:-1])
        changeset = self.changeset(chain[-1])
        tree = below.apply(changeset if self.shape(chain[-1]).closed else changeset.complete(below))
        with self._guard:
            self._trees[key] = tree
            if len(self._trees) > _TREES:
                self._trees.popitem(last=False)
        return tree

    def lowers(self, chain: Sequence[Delta]) -> tuple[Path, ...]:
        """Directories for overlay's lowerdir, bottom first; what is missing is unpacked, several at once.

        A layer that is there twice is given once, for overlay refuses to see a directory twice: whatever the upper one
        says of a path counts, and the lower one says nothing else.
        """
        missing = [delta for delta in chain if self.unpacker.existing(delta) is None]
        if missing:
            with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
                list(pool.map(self.unpacker.plain, missing))
        found = [self._directory(delta, chain[:number]) for number, delta in enumerate(chain)]
        return tuple(reversed(dict.fromkeys(reversed(found))))

    def _directory(self, delta: Delta, below: Sequence[Delta]) -> Path:
        if self.shape(delta).closed:
            return self.unpacker.plain(delta)
        ids = [d.id for d in below]
        chain = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:32]
        key = self.deltas.variant(delta, chain)
        if key is not None and (known := self.unpacker.existing_variant(delta, key)):
            return known
        changeset = self.changeset(delta)
        complete = changeset.complete(self.tree(below))
        key = variant_of(changeset, complete, ids)
        directory = self.unpacker.variant(delta, key, complete) if key else self.unpacker.plain(delta)
        self.deltas.add_variant(delta, chain, key)
        return directory

    def layer(self, delta: Delta, compression: Compression, timestamp: int | None) -> Layer:
        """The delta as a layer of the store. Layers from outside stay as they are; ours are packed once for each
        compression and timestamp.
        """
        name = f"{compression.kind}-{compression.level}-{timestamp}"
        with self._packing[delta.id, name]:
            known = self.deltas.layers(delta)
            if name in known:
                return known[name]
            foreign = [layer for key, layer in known.items() if key.startswith(_BASE)]
            if foreign:
                return foreign[0]
            with storing(self.store.root, "a layer"), self.store.writer() as writer:
                layer = pack(self.changeset(delta), writer, compression=compression, timestamp=timestamp)
            self.deltas.add_layer(delta, name, layer)
            if timestamp is None and delta.diff_id is None and self.deltas.find(id_of(layer.diff_id)) is None:
                self._alias(delta, layer.diff_id)
            return layer

    def packed(self, diff_id: Digest, compression: Compression) -> Layer | None:
        """The layer of this diff ID that was packed here in this way, at whatever time; None when there is none."""
        delta = self.deltas.find(id_of(diff_id))
        start = f"{compression.kind}-{compression.level}-"
        known = self.deltas.layers(delta) if delta else {}
        return next((layer for name, layer in known.items() if name.startswith(start)), None)

    def _alias(self, delta: Delta, diff_id: Digest) -> None:
        """Let the layer's diff ID name this directory, so that an image of ours is a base without unpacking it."""
        self.deltas.create(Delta(id_of(diff_id), diff_id), same=delta)

    def _put_packed(self, changeset: Changeset, compression: Compression, timestamp: int | None) -> Delta:
        with storing(self.store.root, "a layer"), self.store.writer() as writer:
            layer = pack(changeset, writer, compression=compression, timestamp=timestamp)
        delta = Delta(id_of(layer.diff_id), layer.diff_id)
        delta = self.deltas.find(delta.id) or self.deltas.create(delta, changeset=changeset)
        self.deltas.add_layer(delta, f"{compression.kind}-{compression.level}-{timestamp}", layer)
        return delta


def _settle(store: Store, ownership: Ownership) -> None:
    """Keep to one way of keeping owners: what has been unpacked in one reads as another's files in the other."""
    path = store.private / "ownership"
    try:
        settled = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        with storing(store.root, "a note"):
            write_whole(path, f"{ownership.value}\n".encode(), store.temporary, durable=False)
        return
    if settled == ownership.value:
        return
    if ownership is Ownership.KERNEL:
        raise StoreError(
            f"cannot use store `{store.root}`: it was filled by a user without subordinate ids, who has some now",
            hint=f"remove `{store.private}`: images stay, caches go; or name another store with --root",
        )
    raise StoreError(
        f"cannot use store `{store.root}`: it was filled with subordinate ids, which are there no more",
        hint="have them granted again (/etc/subuid, /etc/subgid, newuidmap), or name another store with --root",
    )


def _new_id() -> str:
    return f"made-{secrets.token_hex(16)}"
