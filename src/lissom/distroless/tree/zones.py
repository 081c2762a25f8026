"""The zone of an image's clock, as tzdata's script sets it when nobody chooses: UTC."""

from __future__ import annotations

from collections.abc import Container

from lissom.distroless.tree.draft import file, link
from lissom.rootfs.entry import Entry

__all__ = ["zone"]

_UTC = "usr/share/zoneinfo/Etc/UTC"


def zone(paths: Container[str]) -> list[Entry]:
    """``/etc/localtime`` and ``/etc/timezone``, where ``paths`` have time zones."""
    if _UTC not in paths:
        return []
    return [link("etc/localtime", f"/{_UTC}"), file("etc/timezone", "Etc/UTC\n")]
