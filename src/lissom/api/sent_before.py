"""Which repository of a registry was given a blob before, as a store remembers it, so that another one may mount it."""

from __future__ import annotations

from collections.abc import Iterable

from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.store.cache import Cache
from lissom.store.store import Store

__all__ = ["SentBefore"]

# A smaller blob is sent as quickly as it is mounted.
_WORTH_IT = 1 << 16


class SentBefore:
    """What went to the registry of ``reference``. What is remembered may be wrong by now: then the mount is refused."""

    def __init__(self, store: Store, reference: Reference) -> None:
        self._cache = Cache(store)
        self._reference = reference

    def tell(self, sink: Registry, blobs: Iterable[Descriptor]) -> None:
        """Tell ``sink`` which other repositories of its registry were given ``blobs``."""
        for blob in blobs:
            repository = self._cache.note(self._name(blob)) if blob.size >= _WORTH_IT else None
            if repository and repository != self._reference.repository:
                sink.known_in(blob.digest, repository)

    def remember(self, blobs: Iterable[Descriptor]) -> None:
        """Remember that the repository of the reference has ``blobs``: the last one counts, an older may be gone."""
        for blob in blobs:
            if blob.size >= _WORTH_IT and self._cache.note(self._name(blob)) != self._reference.repository:
                self._cache.remember_note(self._name(blob), self._reference.repository)

    def _name(self, blob: Descriptor) -> str:
        return f"sent {self._reference.registry} {blob.digest}"
