"""The store's index.json: which names stand for which images.

An entry's ``org.opencontainers.image.ref.name`` is the whole reference, so that other tools can name it too; an entry
without a name is an image that lost its name, or never had one, and is kept until the next garbage collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lissom.errors import IntegrityError, UsageError
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, Index
from lissom.oci.reference import Reference
from lissom.store.files import sync_directory, write_whole
from lissom.store.lock import locked

__all__ = ["CONTAINERD_NAME", "REF_NAME", "Named", "Names"]

REF_NAME = "org.opencontainers.image.ref.name"
CONTAINERD_NAME = "io.containerd.image.name"


@dataclass(frozen=True, slots=True)
class Named:
    """One entry: ``reference`` is None for an image without a name. ``descriptor`` has no name annotations."""

    reference: Reference | None
    descriptor: Descriptor


class Names:
    """Read and replace index.json; every change happens under a lock and is whole or not at all."""

    def __init__(self, root: Path, lock: Path, temporary: Path) -> None:
        self._path = root / "index.json"
        self._lock = lock
        self._temporary = temporary

    def read(self) -> tuple[Named, ...]:
        """All entries, in the order of the file. Raises IntegrityError."""
        try:
            index = Index.parse(self._path.read_bytes())
        except FileNotFoundError:
            return ()
        except IntegrityError as error:
            raise IntegrityError(f"cannot read `{self._path}`: {error.message}") from error
        return tuple(_named(descriptor) for descriptor in index.manifests)

    def create(self) -> None:
        """Write an empty index where there is none."""
        with locked(self._lock):
            if not self._path.exists():
                self._write(())

    def set(self, reference: Reference, descriptor: Descriptor) -> None:
        """Let ``reference`` stand for ``descriptor``; an image that loses its last name stays without one."""

        def change(entries: Sequence[Named]) -> list[Named]:
            bare = replace(descriptor, annotations=_without_names(descriptor))
            kept = [e for e in entries if e.reference not in (None, reference)]
            named = {e.descriptor.digest for e in kept} | {descriptor.digest}
            nameless = [e.descriptor for e in entries if e.reference in (None, reference)]
            lost = {d.digest: d for d in nameless if d.digest not in named}
            return [*kept, Named(reference, bare), *(Named(None, d) for d in lost.values())]

        self._change(change)

    def keep(self, descriptor: Descriptor) -> None:
        """Keep an image without a name; nothing changes when it has one."""

        def change(entries: Sequence[Named]) -> list[Named]:
            if any(e.descriptor.digest == descriptor.digest for e in entries):
                return list(entries)
            return [*entries, Named(None, replace(descriptor, annotations=_without_names(descriptor)))]

        self._change(change)

    def remove(self, reference: Reference) -> bool:
        """Drop a name, and with its last name the image; False when there is no such name."""
        return self._change(lambda entries: [e for e in entries if e.reference != reference])

    def forget(self, digest: Digest) -> bool:
        """Drop an image with all its names; False when it is not there."""
        return self._change(lambda entries: [e for e in entries if e.descriptor.digest != digest])

    def drop_nameless(self) -> None:
        """Drop the images that have no name."""
        self._change(lambda entries: [e for e in entries if e.reference is not None])

    def _change(self, change: Callable[[Sequence[Named]], Sequence[Named]]) -> bool:
        """Whether anything changed."""
        with locked(self._lock):
            before = self.read()
            after = tuple(change(before))
            if sorted(after, key=_order) == sorted(before, key=_order):
                return False
            self._write(after)
            return True

    def _write(self, entries: Sequence[Named]) -> None:
        raw = Index.make([_annotated(entry) for entry in sorted(entries, key=_order)]).raw
        # Blobs are synced one by one, their names all at once: before anything says that they are there.
        sync_directory(self._path.parent / "blobs" / "sha256")
        write_whole(self._path, raw, self._temporary)


def _order(entry: Named) -> tuple[bool, str, str]:
    return entry.reference is None, str(entry.reference), entry.descriptor.digest


def _without_names(descriptor: Descriptor) -> dict[str, str]:
    return {k: v for k, v in descriptor.annotations.items() if k not in (REF_NAME, CONTAINERD_NAME)}


def _named(descriptor: Descriptor) -> Named:
    text = descriptor.annotations.get(CONTAINERD_NAME) or descriptor.annotations.get(REF_NAME)
    bare = replace(descriptor, annotations=_without_names(descriptor))
    if text is None:
        return Named(None, bare)
    try:
        return Named(Reference.parse(text), bare)
    except UsageError:
        return Named(None, bare)


def _annotated(entry: Named) -> Descriptor:
    if entry.reference is None:
        return entry.descriptor
    name = str(entry.reference)
    return replace(
        entry.descriptor, annotations={**entry.descriptor.annotations, REF_NAME: name, CONTAINERD_NAME: name}
    )
