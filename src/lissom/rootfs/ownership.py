"""How the owners and devices of a tree are kept on disk, and the extended attributes that are not the tree's own."""

from __future__ import annotations

from enum import Enum

__all__ = ["Ownership"]

OWNER = "user.lissom.owner"
DEVICE = "user.lissom.device"
XATTR_PREFIX = "user.lissom.x."
_OURS = "user.lissom."
_OVERLAY = ("trusted.overlay.", "user.overlay.")
FOREIGN = (*_OVERLAY, _OURS)


class Ownership(Enum):
    """KERNEL: chown works, and mknod for those who may. RECORDED: only one user and group exist here (a user namespace
    with a single id).

    Then an owner other than 0:0 is kept in the attribute ``user.lissom.owner`` as ``uid:gid``; symbolic links cannot
    carry attributes and belong to 0:0. Where no device node can be made, an empty file with ``user.lissom.device`` =
    ``c 1:3`` stands for it.
    """

    KERNEL = "kernel"
    RECORDED = "recorded"
