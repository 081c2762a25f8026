"""Deltas on disk: one changeset each, as a layer blob, an unpacked directory, or both, always with its entries.

``snapshots/ID/`` holds ``delta.json`` (what is fixed), ``entries.json``, ``shape.json``, ``tree`` (unpacked, in overlay
form), ``variants/KEY`` (unpacked where a lower tree changes what implicit parents are), ``variants/over-CHAIN.json``
(which of them) and ``layers/NAME.json`` (packed). A delta is put together elsewhere and renamed in, so it is whole or
not there; what is added later is renamed in too. Nothing here is synced: blobs are, and all can be made again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lissom.errors import IntegrityError, StoreError
from lissom.image.image import Layer
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.rootfs.tree import Changeset
from lissom.store.entries import encode
from lissom.store.files import fresh, read_json, remove_tree, storing, write_json, write_whole
from lissom.store.shape import Shape
from lissom.store.store import Store

__all__ = ["Delta", "Deltas", "id_of"]


@dataclass(frozen=True, slots=True)
class Delta:
    """One changeset in the store. ``diff_id`` is None for one that has no layer of its own yet."""

    id: str
    diff_id: Digest | None = None


def id_of(diff_id: Digest) -> str:
    """The id of the delta that a layer is."""
    return diff_id.hex if diff_id.algorithm == "sha256" else f"{diff_id.algorithm}-{diff_id.hex}"


class Deltas:
    """Find, make and remove deltas; their files."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.folder = store.private / "snapshots"

    def path(self, delta: Delta) -> Path:
        return self.folder / delta.id

    def find(self, identity: str) -> Delta | None:
        """The delta of that id; finding it counts as use."""
        path = self.folder / identity / "delta.json"
        document = read_json(path)
        if document is None:
            return None
        with suppress(OSError):
            os.utime(path)
        return _delta(identity, document)

    def all(self) -> Iterator[Delta]:
        """Every delta that is whole."""
        for name in sorted(os.listdir(self.folder)):
            document = read_json(self.folder / name / "delta.json")
            if document is not None:
                yield _delta(name, document)

    def create(
        self, delta: Delta, *, changeset: Changeset | None = None, tree: Path | None = None, same: Delta | None = None
    ) -> Delta:
        """Put a delta in place; when another process was first, its delta stays and ``tree`` is removed.

        ``same`` is a delta of equal content, whose directory serves this one too.
        """
        scratch = fresh(self.store.temporary, "delta-")
        document = {"diff_id": delta.diff_id, "same": same.id if same else ""}
        with storing(self.store.root, "a snapshot"):
            (scratch / "layers").mkdir(parents=True)
            (scratch / "variants").mkdir()
            write_json(scratch / "delta.json", document, scratch, durable=False)
            if changeset is not None:
                self._write_entries(scratch, changeset)
            if same is not None:
                for name in ("entries.json", "shape.json"):
                    with suppress(FileNotFoundError):
                        os.link(self.path(same) / name, scratch / name)
            if tree is not None:
                os.rename(tree, scratch / "tree")
            self._move(scratch, self.path(delta))
        return delta

    def install(self, directory: Path, target: Path) -> Path:
        """Rename an unpacked directory in; the loser of a race is removed."""
        with storing(self.store.root, "a snapshot"):
            self._move(directory, target)
        return target

    def _move(self, source: Path, target: Path) -> None:
        # A rename onto an empty directory would succeed, and an unpacked layer may well be empty.
        if not target.exists():
            try:
                os.rename(source, target)
            except OSError:
                if not target.exists():
                    raise
            else:
                return
        remove_tree(source)

    def same(self, delta: Delta) -> Delta | None:
        """The delta whose directory serves ``delta`` too, when it is still there."""
        document = read_json(self.path(delta) / "delta.json") or {}
        other = document.get("same")
        return self.find(str(other)) if other else None

    def layers(self, delta: Delta) -> dict[str, Layer]:
        """The packed forms by name, those only whose blob is in the store."""
        found: dict[str, Layer] = {}
        for path in sorted((self.path(delta) / "layers").glob("*.json")):
            document = read_json(path)
            if document is not None:
                layer = Layer(Descriptor.parse(document["descriptor"]), Digest(document["diff_id"]))
                if self.store.has(layer.descriptor.digest):
                    found[path.stem] = layer
        return found

    def add_layer(self, delta: Delta, name: str, layer: Layer) -> None:
        """Remember a packed form."""
        document = {"descriptor": layer.descriptor.to_json(), "diff_id": layer.diff_id}
        with storing(self.store.root, "a snapshot"):
            write_json(self.path(delta) / "layers" / f"{name}.json", document, self.store.temporary, durable=False)

    def remove_layer(self, delta: Delta, name: str) -> None:
        """Forget a packed form."""
        with storing(self.store.root, "a snapshot"):
            (self.path(delta) / "layers" / f"{name}.json").unlink(missing_ok=True)

    def entries(self, delta: Delta) -> bytes | None:
        """The list of entries, None when it was not made yet."""
        with suppress(FileNotFoundError):
            return (self.path(delta) / "entries.json").read_bytes()
        return None

    def add_entries(self, delta: Delta, changeset: Changeset) -> bytes:
        """Keep the list of entries, and the shape; gives the list."""
        with storing(self.store.root, "a snapshot"):
            return self._write_entries(self.path(delta), changeset)

    def _write_entries(self, directory: Path, changeset: Changeset) -> bytes:
        shape, data = Shape.of(changeset).to_json(), encode(changeset)
        write_json(directory / "shape.json", shape, self.store.temporary, durable=False)
        write_whole(directory / "entries.json", data, self.store.temporary, durable=False)
        return data

    def shape(self, delta: Delta) -> Shape | None:
        """The shape, None when the entries were not listed yet."""
        return Shape.parse(read_json(self.path(delta) / "shape.json"))

    def variant(self, delta: Delta, chain: str) -> str | None:
        """The variant that serves over ``chain``: empty is the plain directory, None not known."""
        found = read_json(self.path(delta) / "variants" / f"over-{chain}.json")
        return found if isinstance(found, str) else None

    def add_variant(self, delta: Delta, chain: str, variant: str) -> None:
        """Remember which variant serves over ``chain``."""
        with storing(self.store.root, "a snapshot"):
            path = self.path(delta) / "variants" / f"over-{chain}.json"
            write_json(path, variant, self.store.temporary, durable=False)

    def remove(self, delta: Delta) -> None:
        """Take the delta away at once; its files go after. Only garbage collection may."""
        self.drop(self.path(delta))

    def drop(self, path: Path) -> None:
        """Rename a directory out of the way, then remove it."""
        grave = fresh(self.store.temporary, "gone-")
        try:
            with suppress(FileNotFoundError):
                os.rename(path, grave)
            remove_tree(grave)
        except OSError as error:
            raise StoreError(f"cannot remove `{path}`: {error.strerror}") from error


def _delta(identity: str, document: Any) -> Delta:
    try:
        text = document["diff_id"]
        return Delta(identity, Digest(text) if text else None)
    except (KeyError, TypeError) as error:
        raise IntegrityError(f"cannot read snapshot `{identity}`: its record is damaged") from error
