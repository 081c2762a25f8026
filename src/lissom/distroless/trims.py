"""Kinds of files that an image can do without, as path filters in dpkg's words; see dpkg(1)."""

from __future__ import annotations

from collections.abc import Mapping

from lissom.distroless.spec import Spec

__all__ = ["TRIMS", "filters"]

TRIMS: Mapping[str, tuple[str, ...]] = {
    "docs": ("path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright"),
    "man": ("path-exclude=/usr/share/man/*",),
    "info": ("path-exclude=/usr/share/info/*",),
    "groff": ("path-exclude=/usr/share/groff/*",),
    "lintian": ("path-exclude=/usr/share/lintian/*", "path-exclude=/usr/share/linda/*"),
    "locales": ("path-exclude=/usr/share/locale/*", "path-include=/usr/share/locale/locale.alias"),
    "bug": ("path-exclude=/usr/share/bug/*", "path-exclude=/usr/share/doc-base/*"),
}
"""Each kind by name, in the order that the filters are written down in."""


def filters(spec: Spec) -> tuple[str, ...]:
    """What ``spec`` leaves out: its trims, then its own globs, then what it keeps all the same."""
    trims = spec.trim if spec.trim is not None else () if spec.configure else tuple(TRIMS)
    named = [line for name, lines in TRIMS.items() if name in trims for line in lines]
    excluded = [f"path-exclude={glob}" for glob in spec.exclude]
    return (*named, *excluded, *(f"path-include={glob}" for glob in spec.keep))
