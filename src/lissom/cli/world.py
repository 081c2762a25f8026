"""The store and the registries of one command, as crafts want them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lissom.cli.registries import open_session
from lissom.cli.session import Session
from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.api.access import Access
    from lissom.api.world import World
    from lissom.events import Listener
    from lissom.rootfs.tar import Limits
    from lissom.store.store import Store

__all__ = ["world"]


def world(
    session: Session,
    store: Store,
    listener: Listener,
) -> World:
    """What a craft works with: ``store``, its snapshots, and registries as flags and environment say."""
    from lissom.api.world import World
    from lissom.sandbox.ids import current_ownership, is_nested
    from lissom.store.snapshots import Snapshots

    limits = _limits(session)

    def reach() -> Access:
        from lissom.api.access import Access

        registries = open_session(session, listener)
        return Access(store, registries, listener=listener)

    snapshots = Snapshots(store, current_ownership(), userxattr=is_nested(), listener=listener, limits=limits)
    return World(store, snapshots, reach)


def _limits(session: Session) -> Limits | None:
    """What a layer may unpack to, when the environment says it."""
    text = session.environment.get("LISSOM_LAYER_LIMIT")
    if not text:
        return None
    from lissom.rootfs.tar import Limits

    match = re.fullmatch(r"(\d+)([kmgt]?)b?", text.lower())
    if match is None:
        raise UsageError(f"cannot use LISSOM_LAYER_LIMIT `{text}`: it is not a size such as 128g")
    return Limits(size=int(match[1]) * 1024 ** " kmgt".index(match[2] or " "))
