"""The store's index.json: which names stand for which images.

An entry's ``org.opencontainers.image.ref.name`` is the whole reference, so that other tools can name it too; an entry
without a name is an image that lost its name, or never had one, and is kept until the next garbage collection.

A store may have ten thousand names: entries stay JSON until somebody asks what they mean.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import filterfalse
from pathlib import Path
from typing import Any

from lissom.errors import IntegrityError, UsageError
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX, INDEX_TYPES, Descriptor, canonical
from lissom.oci.reference import Reference
from lissom.store.files import sync_directory, write_whole
from lissom.store.lock import locked

__all__ = ["CONTAINERD_NAME", "REF_NAME", "Named", "Names"]

REF_NAME = "org.opencontainers.image.ref.name"
CONTAINERD_NAME = "io.containerd.image.name"


@dataclass(frozen=True)
class Named:
    """One entry: ``text`` and ``digest`` are as they stand in the file, not checked; ``document`` is all of it.

    Without a name ``text`` is None.
    """

    text: str | None
    digest: str
    document: Mapping[str, Any]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Named:
        """The entry that ``document`` is."""
        annotations, digest = document.get("annotations"), str(document.get("digest"))
        if not isinstance(annotations, dict):
            return cls(None, digest, document)
        text = annotations.get(CONTAINERD_NAME) or annotations.get(REF_NAME)
        return cls(text if isinstance(text, str) else None, digest, document)

    @classmethod
    def make(cls, reference: Reference | None, descriptor: Descriptor) -> Named:
        """An entry to write; other names among the descriptor's annotations are dropped."""
        document = replace(descriptor, annotations=_without_names(descriptor)).to_json()
        if reference is None:
            return cls(None, descriptor.digest, document)
        name = str(reference)
        names = {REF_NAME: name, CONTAINERD_NAME: name}
        annotations = {**document.get("annotations", {}), **names}
        return cls(name, descriptor.digest, document | {"annotations": annotations})

    @cached_property
    def reference(self) -> Reference | None:
        """The name; None when there is none, or one that is no reference."""
        try:
            return Reference.parse(self.text) if self.text else None
        except UsageError:
            return None

    @cached_property
    def descriptor(self) -> Descriptor:
        """What it names, without the annotations that name it. Raises IntegrityError."""
        found = Descriptor.parse(self.document)
        return replace(found, annotations=_without_names(found))


def _named_so(reference: Reference) -> Callable[[Named], bool]:
    """Whether an entry's name is ``reference``; texts that cannot mean it are not parsed."""
    name, last = str(reference), reference.repository.rpartition("/")[2]
    tag = "" if reference.tag == "latest" else reference.tag or ""

    def is_so(entry: Named) -> bool:
        if entry.text is None or entry.text == name:
            return entry.text is not None
        return last in entry.text and tag in entry.text and entry.reference == reference

    return is_so


class Names:
    """Read and replace index.json; every change happens under a lock and is whole or not at all."""

    def __init__(self, root: Path, lock: Path, temporary: Path) -> None:
        self._path = root / "index.json"
        self._lock = lock
        self._temporary = temporary
        self._guard = threading.Lock()
        self._file = -1
        self._status: tuple[int, ...] = ()
        self._entries: tuple[Named, ...] = ()

    def read(self) -> tuple[Named, ...]:
        """All entries, in the order of the file. Raises IntegrityError."""
        with self._guard:
            try:
                status = _status(os.stat(self._path))
            except FileNotFoundError:
                return ()
            if status != self._status:
                self._load()
            return self._entries

    def find(self, reference: Reference) -> Named | None:
        """The entry of that name."""
        name = str(reference)
        entries = self.read()
        return next((e for e in entries if e.text == name), None) or next(filter(_named_so(reference), entries), None)

    def close(self) -> None:
        """Forget what was read."""
        with self._guard:
            self._leave()
            self._status, self._entries = (), ()

    def __del__(self) -> None:
        self._leave()

    def create(self) -> None:
        """Write an empty index where there is none."""
        with locked(self._lock):
            if not self._path.exists():
                self._write(())

    def set(self, reference: Reference, descriptor: Descriptor) -> None:
        """Let ``reference`` stand for ``descriptor``; an image that loses its last name stays without one."""

        def change(entries: Sequence[Named]) -> list[Named]:
            new, is_so = Named.make(reference, descriptor), _named_so(reference)
            goes = [e.text is None or is_so(e) for e in entries]
            kept = [e for e, gone in zip(entries, goes, strict=True) if not gone]
            named = {e.digest for e in kept} | {new.digest}
            lost = {e.digest: e for e, gone in zip(entries, goes, strict=True) if gone and e.digest not in named}
            return [*kept, new, *(Named.make(None, e.descriptor) for e in lost.values())]

        self._change(change)

    def keep(self, descriptor: Descriptor) -> None:
        """Keep an image without a name; nothing changes when it has one."""

        def change(entries: Sequence[Named]) -> list[Named]:
            there = any(e.digest == descriptor.digest for e in entries)
            return [*entries, *([] if there else [Named.make(None, descriptor)])]

        self._change(change)

    def remove(self, reference: Reference) -> bool:
        """Drop a name, and with its last name the image; False when there is no such name."""
        return self._change(lambda entries: list(filterfalse(_named_so(reference), entries)))

    def forget(self, digest: Digest) -> bool:
        """Drop an image with all its names; False when it is not there."""
        return self._change(lambda entries: [e for e in entries if e.digest != digest])

    def drop_nameless(self) -> None:
        """Drop the images that have no name."""
        self._change(lambda entries: [e for e in entries if e.reference is not None])

    def _change(self, change: Callable[[Sequence[Named]], Sequence[Named]]) -> bool:
        """Whether anything changed."""
        with locked(self._lock):
            before = self.read()
            after = sorted(change(before), key=_order)
            if after == sorted(before, key=_order):
                return False
            self._write(after)
            return True

    def _load(self) -> None:
        """Read the file, and keep it open: as long as it is, no other can have its number and pass for it."""
        file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            status = _status(os.fstat(file))
            with open(file, "rb", closefd=False) as stream:
                self._entries = _parsed(stream.read(), self._path)
        except BaseException:
            os.close(file)
            raise
        self._leave()
        self._file, self._status = file, status

    def _leave(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, entries: Sequence[Named]) -> None:
        # Blobs are synced one by one, their names all at once: before anything says that they are there.
        sync_directory(self._path.parent / "blobs" / "sha256")
        document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry.document for entry in entries]}
        write_whole(self._path, canonical(document), self._temporary)


def _parsed(raw: bytes, path: Path) -> tuple[Named, ...]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"cannot read `{path}`: it is not JSON ({error})") from error
    listed = document.get("manifests") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise IntegrityError(f"cannot read `{path}`: its list of descriptors is missing")
    if document.get("mediaType", INDEX) not in INDEX_TYPES:
        raise IntegrityError(f"cannot read `{path}`: media type `{document['mediaType']}` is not an image index")
    return tuple(map(Named.of, listed))


def _status(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _order(entry: Named) -> tuple[bool, str, str]:
    return entry.text is None, entry.text or "", entry.digest


def _without_names(descriptor: Descriptor) -> dict[str, str]:
    return {k: v for k, v in descriptor.annotations.items() if k not in (REF_NAME, CONTAINERD_NAME)}
