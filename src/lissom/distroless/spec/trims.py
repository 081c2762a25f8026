"""Kinds of files that an image can do without, as path filters in dpkg's words; see dpkg(1)."""

from __future__ import annotations

from collections.abc import Mapping

from lissom.distroless.spec.spec import Spec

__all__ = ["TRIMS", "filters", "named_filters"]

_DOCUMENTATION: Mapping[str, tuple[str, ...]] = {
    "docs": ("path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright"),
    "man": ("path-exclude=/usr/share/man/*",),
    "info": ("path-exclude=/usr/share/info/*",),
    "groff": ("path-exclude=/usr/share/groff/*",),
    "lintian": ("path-exclude=/usr/share/lintian/*", "path-exclude=/usr/share/linda/*"),
    "locales": ("path-exclude=/usr/share/locale/*", "path-include=/usr/share/locale/locale.alias"),
    "bug": ("path-exclude=/usr/share/bug/*", "path-exclude=/usr/share/doc-base/*"),
}
_ALL_DOCUMENTATION = tuple(line for lines in _DOCUMENTATION.values() for line in lines)
TRIMS: Mapping[str, tuple[str, ...]] = {
    "documentation": _ALL_DOCUMENTATION,
    **_DOCUMENTATION,
    "gconv": ("path-exclude=/usr/lib/*/gconv/*",),
    "zones": ("path-exclude=/usr/share/zoneinfo/posix/*", "path-exclude=/usr/share/zoneinfo/right/*"),
    "development": (
        "path-exclude=/usr/include/*",
        "path-exclude=/usr/lib/*.a",
        "path-exclude=/usr/lib/*.la",
        "path-exclude=/usr/lib/*/pkgconfig/*",
        "path-exclude=/usr/share/pkgconfig/*",
        "path-exclude=/usr/share/aclocal/*",
    ),
    "services": (
        "path-exclude=/etc/cron.*/*",
        "path-exclude=/etc/default/*",
        "path-exclude=/etc/init.d/*",
        "path-exclude=/etc/logrotate.d/*",
        "path-exclude=/lib/systemd/*",
        "path-exclude=/usr/lib/systemd/*",
    ),
    "desktop": (
        "path-exclude=/usr/share/applications/*",
        "path-exclude=/usr/share/icons/*",
        "path-exclude=/usr/share/menu/*",
        "path-exclude=/usr/share/pixmaps/*",
    ),
    "completions": (
        "path-exclude=/usr/share/bash-completion/*",
        "path-exclude=/usr/share/fish/*",
        "path-exclude=/usr/share/zsh/*",
    ),
}
"""Each kind by name, in the order that the filters are written down in.

``documentation`` are the seven kinds after it, ``gconv`` the character sets beside those of Unicode, ``zones`` the
second and third copy of all time zones.
"""


def filters(spec: Spec) -> tuple[str, ...]:
    """What ``spec`` leaves out: its trims, then its own globs, then what it keeps all the same."""
    return tuple(line for _, line in named_filters(spec))


def named_filters(spec: Spec) -> tuple[tuple[str, str], ...]:
    """The same with what of the spec each filter is of: ``trim: docs``, ``exclude: /usr/x/*``, ``keep: /usr/y``."""
    trims = spec.trim if spec.trim is not None else () if spec.configure else ("documentation",)
    named = [(f"trim: {name}", line) for name, lines in TRIMS.items() if name in trims for line in lines]
    excluded = [(f"exclude: {glob}", f"path-exclude={glob}") for glob in spec.exclude]
    return (*named, *excluded, *((f"keep: {glob}", f"path-include={glob}") for glob in spec.keep))
