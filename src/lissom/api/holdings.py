"""What the images of a store tell a transfer: which layer has a content, which repositories have a blob."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from lissom.errors import LissomError
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.store.digits import inside
from lissom.store.names import Named
from lissom.store.store import Store

if TYPE_CHECKING:
    from lissom.registry.client import Registry

__all__ = ["Holdings"]

_TRIES = 64


class Holdings:
    """The layers of all images of a store, looked through when somebody first asks. Not for several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def layer(self, diff_id: Digest) -> Descriptor | None:
        """A layer of that content whose blob is there. The image that has it is read: no list is believed."""
        # Many images may have it whose blob is gone: some are enough to believe that.
        for digest in islice(self._holders(diff_id), _TRIES):
            manifest = self._manifests.get(digest)
            if manifest and (found := self._read(manifest, diff_id)):
                return found
        return None

    def tell(self, sink: Registry, reference: Reference, blobs: Iterable[Descriptor]) -> None:
        """Tell which other repositories of the same registry have ``blobs``: those that images are named after."""
        wanted = {blob.digest for blob in blobs}
        begin = f"{reference.registry}/"
        for entry in self._store.entries():
            if entry.text and entry.text.startswith(begin) and entry.reference:
                repository = entry.reference.repository
                if repository != reference.repository:
                    for digest in wanted & self._held(entry):
                        sink.known_in(digest, repository)

    @cached_property
    def _entries(self) -> dict[str, list[Named]]:
        """The manifests of each entry, by the entry's digest."""
        return {
            digest: list(inside(entry, self._store))
            for digest, entry in {entry.digest: entry for entry in self._store.entries()}.items()
        }

    @cached_property
    def _manifests(self) -> dict[str, Named]:
        return {manifest.digest: manifest for found in self._entries.values() for manifest in found}

    @cached_property
    def _holders(self) -> Callable[[str], Iterator[str]]:
        return self._store.catalog.holders(self._manifests.values(), self._store)

    @cached_property
    def _said(self) -> dict[str, str]:
        return self._store.catalog.layers(self._manifests.values(), self._store)

    def _held(self, entry: Named) -> set[str]:
        manifests = self._entries.get(entry.digest, [])
        return {digest for manifest in manifests for digest in self._said.get(manifest.digest, "").split()}

    def _read(self, manifest: Named, diff_id: Digest) -> Descriptor | None:
        try:
            layers = self._store.image(manifest.descriptor).layers
        except LissomError:
            return None
        here = (layer.descriptor for layer in layers if layer.diff_id == diff_id)
        return next((d for d in here if self._store.size_of(d.digest) == d.size), None)
