"""The library without its command line: a store of the tests, open, and no way to a registry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lissom.api.access import Access
from lissom.api.world import World
from lissom.sandbox.ids import current_ownership, is_nested
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store


@contextmanager
def local_world(root: Path) -> Iterator[World]:
    """The store at ``root`` as crafts see it; whoever wants to fetch something fails."""
    with Store.at(root) as store:
        yield World(store, Snapshots(store, current_ownership(), userxattr=is_nested()), _unreachable)


def _unreachable() -> Access:
    raise AssertionError("nothing is fetched here")
