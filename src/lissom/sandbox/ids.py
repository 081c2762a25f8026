"""What the user namespace of this process lets it do with owners and devices. Loads nothing: every command asks."""

from __future__ import annotations

import os
from pathlib import Path

from lissom.rootfs.ownership import Ownership

__all__ = ["current_ownership", "is_nested"]

_ENOUGH = 65536


def current_ownership() -> Ownership:
    """Which kind of ownership this process can give to files."""
    if os.geteuid() != 0:
        return Ownership.RECORDED
    for kind in ("uid_map", "gid_map"):
        lines = Path(f"/proc/self/{kind}").read_text(encoding="ascii").splitlines()
        if sum(int(line.split()[2]) for line in lines) < _ENOUGH:
            return Ownership.RECORDED
    return Ownership.KERNEL


def is_nested() -> bool:
    """Whether this process is in a user namespace of its own: the kernel refuses devices and trusted xattrs there."""
    words = Path("/proc/self/uid_map").read_text(encoding="ascii").split()
    return words != ["0", "0", "4294967295"]
