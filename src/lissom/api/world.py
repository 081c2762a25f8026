"""What crafts work with: a store with its snapshots, and the way to registries."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.api.access import Access
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store

__all__ = ["World"]


@dataclass(frozen=True)
class World:
    """An open store, seen as images (``access``) and as unpacked files (``snapshots``)."""

    access: Access
    snapshots: Snapshots

    @property
    def store(self) -> Store:
        return self.access.store
