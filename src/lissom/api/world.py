"""What crafts work with: a store with its snapshots, and the way to registries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lissom.oci.digest import Digest
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store

if TYPE_CHECKING:
    from lissom.api.access import Access

__all__ = ["World"]


@dataclass(frozen=True)
class World:
    """An open store, seen as images and as unpacked files; ``reach`` opens the way to everywhere else."""

    store: Store
    snapshots: Snapshots
    reach: Callable[[], Access]

    @cached_property
    def access(self) -> Access:
        """Images wherever they are. Made on first use: loading what speaks to registries takes long."""
        return self.reach()

    @cached_property
    def documents(self) -> dict[Digest, bytes]:
        """Configs of images elsewhere, as far as somebody read them: each is fetched once."""
        return {}
