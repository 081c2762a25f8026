"""The store and the registries of one command, open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.cli.registries import open_session
from lissom.cli.session import Session

if TYPE_CHECKING:
    from lissom.api.world import World
    from lissom.events import Listener

__all__ = ["world"]


@contextmanager
def world(
    session: Session,
    listener: Listener,
    *,
    authfile: Path | None = None,
    ca_file: Path | None = None,
    insecure: tuple[str, ...] = (),
) -> Iterator[World]:
    """What a craft works with; closed when the block is left."""
    from lissom.api.access import Access
    from lissom.api.world import World
    from lissom.rootfs.ownership import Ownership
    from lissom.store.snapshots import Snapshots

    registries = open_session(session.environment, listener, authfile=authfile, ca_file=ca_file, insecure=insecure)
    with session.store() as store:
        snapshots = Snapshots(store, Ownership.KERNEL, listener=listener)
        yield World(Access(store, registries, listener=listener), snapshots)
