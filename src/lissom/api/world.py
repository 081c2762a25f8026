"""What commands work with: the store, the way to registries, who owns unpacked files."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.registry.session import Session
from lissom.rootfs.disk import Ownership
from lissom.store.store import Store

__all__ = ["World"]


@dataclass(frozen=True)
class World:
    """An open store and a registry session; ``ownership`` says whether unpacked files can have their real owners."""

    store: Store
    registries: Session
    ownership: Ownership
