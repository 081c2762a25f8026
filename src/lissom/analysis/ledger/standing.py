"""What stands as layers come, bottom first, and which layer hides what. The cost is that of what is put and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lissom.analysis.ledger.scan import Scan
from lissom.analysis.ledger.share import Fate, How, Share
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Changeset, Tree

__all__ = ["Standing"]


@dataclass(slots=True)
class _File:
    """One file of one layer: the share that carries its bytes, and the names that it still has."""

    carrier: Share
    entry: Entry
    names: dict[str, Share] = field(default_factory=dict)
    most: int = 0
    """How many names it had at once."""

    def name(self, share: Share) -> None:
        if not self.names:
            _revive(self.carrier)
        self.names[share.path] = share
        self.most = max(self.most, len(self.names))


@dataclass(slots=True)
class _Row:
    entry: Entry
    file: _File | None = None


@dataclass(frozen=True, slots=True)
class _Hider:
    """What hides files just now."""

    fate: Fate
    layer: int
    how: How
    at: str


class Standing:
    """The merged tree of the layers so far. ``shares`` are of all files of all layers, in the order of layers."""

    def __init__(self) -> None:
        self.shares: list[Share] = []
        self._rows: dict[str, _Row] = {"": _Row(Entry("", Kind.DIRECTORY, 0o755))}
        self._below: dict[str, dict[str, None]] = {}
        self._inodes: dict[str, _File] = {}

    def tree(self) -> Tree:
        """The merged tree."""
        return Tree({path: row.entry for path, row in self._rows.items()})

    def apply(self, scan: Scan, layer: int) -> None:
        """Lay a layer over what stands. Raises IntegrityError where it cannot be laid over it."""
        changeset = _numbered(scan.changeset, layer)
        if not self._fits(changeset):
            changeset = changeset.complete(self.tree())
        put, again = self._files(changeset, scan, layer)
        for path in changeset.whiteouts:
            if path in self._rows:
                self._hide_below(path, _Hider(Fate.DELETED, layer, How.PARENT, path), put)
                self._hide(path, _Hider(Fate.DELETED, layer, How.WHITEOUT, path), put)
        for path in changeset.opaques:
            self._hide_below(path, _Hider(Fate.DELETED, layer, How.OPAQUE, path), put)
        for path, entry in changeset.entries.items():
            file = put.get(path) or again.get(path)
            self._put(path, entry, file, layer, put)

    def _fits(self, changeset: Changeset) -> bool:
        """Whether the layer can be laid over what stands as it is: nothing in it hangs in the air."""
        hides, entries = bool(changeset.whiteouts or changeset.opaques), changeset.entries
        for path, entry in entries.items():
            if entry.kind is Kind.HARDLINK:
                return False
            parent = parent_of(path)
            above = entries.get(parent)
            if above is None and not (hides and parent):
                row = self._rows.get(parent)
                above = row.entry if row else None
            if above is None or not above.is_directory:
                return False
        return all(self._is_directory(parent_of(path)) for path in (*changeset.whiteouts, *changeset.opaques))

    def _is_directory(self, path: str) -> bool:
        row = self._rows.get(path)
        return row is not None and row.entry.is_directory

    def _files(self, changeset: Changeset, scan: Scan, layer: int) -> tuple[dict[str, _File], dict[str, _File]]:
        """The files that the layer brings by path, and those of lower layers that it gives a name (again)."""
        mine, prefix = dict[str, _File](), f"{layer}:"
        again = dict[str, _File]()
        for path, entry in changeset.entries.items():
            if entry.kind is not Kind.FILE:
                continue
            inode = entry.inode
            if inode and not inode.startswith(prefix):
                again[path] = self._lower(inode)
                continue
            file = self._inodes.get(inode) if inode else None
            if file is None:
                share = Share(path, entry.size, layer, digest=scan.digests.get(scan.links.get(path, path), b""))
                file = _File(share, entry)
                if inode:
                    self._inodes[inode] = file
            else:
                share = Share(path, 0, layer, digest=file.carrier.digest, link=file.carrier.path)
            file.name(share)
            self.shares.append(share)
            mine[path] = file
        self._carry(mine, scan)
        return mine, again

    def _carry(self, files: dict[str, _File], scan: Scan) -> None:
        """Let the name that has the bytes in the layer carry them."""
        for target in set(scan.links.values()):
            file = files.get(target)
            if file is not None and file.carrier is not file.names[target]:
                _move(file, file.names[target])

    def _lower(self, inode: str) -> _File:
        """The file of a lower layer that a completed layer names by its inode, or by its path where it had none."""
        file = self._inodes.get(inode)
        if file is None:
            row = self._rows[inode[1:]]
            assert row.file is not None
            file = self._inodes[inode] = row.file
        return file

    def _put(self, path: str, entry: Entry, file: _File | None, layer: int, put: dict[str, _File]) -> None:
        old = self._rows.get(path)
        if old is None:
            self._below.setdefault(parent_of(path), {})[path] = None
        elif old.entry.is_directory:
            if not entry.is_directory:
                self._hide_below(path, _Hider(Fate.DELETED, layer, How.REPLACED, path), put)
        elif old.file is not file:
            how = How.FILE if file is not None else How.REPLACED
            self._hide_row(old, path, _Hider(Fate.OVERWRITTEN, layer, how, path), put)
        if file is not None and path not in file.names:
            share = Share(path, 0, layer, digest=file.carrier.digest, link=file.carrier.path)
            file.name(share)
            self.shares.append(share)
        self._rows[path] = _Row(entry, file)

    def _hide(self, path: str, hider: _Hider, put: dict[str, _File]) -> None:
        row = self._rows.pop(path)
        del self._below[parent_of(path)][path]
        self._hide_row(row, path, hider, put)

    def _hide_below(self, path: str, hider: _Hider, put: dict[str, _File]) -> None:
        for child in self._all_below(path):
            self._hide_row(self._rows.pop(child), child, hider, put)
        self._below.pop(path, None)

    def _all_below(self, path: str) -> Iterator[str]:
        waiting = [path]
        while waiting:
            directory = waiting.pop()
            children = self._below.get(directory, ()) if directory == path else self._below.pop(directory, ())
            yield from children
            waiting.extend(child for child in children if child in self._below)

    def _hide_row(self, row: _Row, path: str, hider: _Hider, put: dict[str, _File]) -> None:
        file = row.file
        if file is None:
            return
        share = file.names.pop(path)
        _settle(share, file, hider, put.get(path))
        if file.names and share is file.carrier:
            heir = next((other for other in file.names.values() if other.layer == share.layer), None)
            if heir is not None:
                _move(file, heir)
            else:  # its names are all of upper layers, the bytes are still of this one
                _revive(share)
        elif not file.names and share is not file.carrier:
            _settle(file.carrier, file, hider, put.get(path))


def _settle(share: Share, file: _File, hider: _Hider, new: _File | None) -> None:
    """Write down what became of a share; ``new`` is the file that takes its name in the same layer."""
    share.fate, share.hidden_by, share.how, share.hidden_at = hider.fate, hider.layer, hider.how, hider.at
    if new is None:
        return
    same = share.digest and share.digest == new.carrier.digest
    share.fate = Fate.REWRITTEN if same else Fate.OVERWRITTEN
    share.detail = _changed(file.entry, new.entry) if same else ""
    if same and new.most > file.most and hider.how is How.FILE:
        share.how = How.COPY_UP


def _changed(old: Entry, new: Entry) -> str:
    """What differs between two files of the same content."""
    differ = {
        "mode": old.mode != new.mode,
        "owner": (old.uid, old.gid) != (new.uid, new.gid),
        "xattrs": old.xattrs != new.xattrs,
        "times": old.mtime != new.mtime,
    }
    return ", ".join(name for name, is_other in differ.items() if is_other) or "nothing"


def _revive(share: Share) -> None:
    share.fate, share.hidden_by, share.how, share.hidden_at, share.detail = Fate.LIVE, None, None, "", ""


def _move(file: _File, heir: Share) -> None:
    """Let another name of the same layer carry the bytes."""
    old = file.carrier
    heir.size, heir.link, old.size, old.link = old.size, "", 0, heir.path
    file.carrier = heir
    for share in file.names.values():
        if share is not heir:
            share.link = heir.path


def _numbered(changeset: Changeset, layer: int) -> Changeset:
    """The same layer may be in an image twice, and its hard links are then not the same files.

    Where links lead out of the layer, every file of its own gets an inode, so that those of lower ones are known by it.
    """
    kinds = {entry.kind for entry in changeset.entries.values()}
    every = Kind.HARDLINK in kinds
    if not every and not any(entry.inode for entry in changeset.entries.values()):
        return changeset
    entries: dict[str, Entry] = {}
    for path, entry in changeset.entries.items():
        inode = entry.inode or (f"={path}" if every and entry.kind is Kind.FILE else "")
        entries[path] = replace(entry, inode=f"{layer}:{inode}") if inode else entry
    return replace(changeset, entries=entries)
