"""Plug-ins: libraries that are loaded by what stands in a directory, not by a name in a program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.rootfs.entry import parent_of
from lissom.slim.areas import areas
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.linker import cost_of, library_directories
from lissom.slim.scene import Scene

__all__ = ["COSTLY", "RULES", "is_library"]

COSTLY = 24 << 20
"""A plug-in that nobody used does not stay when it and its libraries are larger than this: a whole compiler, say."""
_LIBRARY = re.compile(r"\.so(?:\.[\d.]+)?$")
_DESCRIPTION = (".la", ".plugin", ".info")
"""Small files that a loader reads before the library: libtool's, GLib's."""
_SASL = frozenset(("sasl_client_init", "sasl_server_init"))
_RULED = frozenset(("gconv", "pkcs11"))
"""Directories for which there is a rule, or no need: of smart cards."""
_C_LIBRARIES = frozenset(("libc6", "glibc", "musl"))
_PLACES = {
    "libcrypto.so": ("ossl-modules", "engines-3", "engines-1.1"),
    "libgio-2.0.so": ("gio/modules",),
    "libgssapi_krb5.so": ("krb5/plugins", "gss"),
    "libkrb5.so": ("krb5/plugins",),
    "libnss3.so": ("nss",),
    "libodbc.so": ("odbc",),
}
"""Directories beside a library in which it looks for modules, whatever package these came with."""


def is_library(path: str) -> bool:
    """Whether a file is named as a shared library is."""
    return _LIBRARY.search(path) is not None


def _siblings(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Of a directory with a kept library that is none for the whole system: its other libraries of the same package."""
    standard = frozenset(library_directories(scene))
    found: dict[tuple[str, int], str] = {}
    for path in keeps:
        if is_library(path):
            directory = parent_of(path)
            if directory not in standard and not _has_rules(scene, directory):
                found.setdefault((directory, id(scene.owner(path))), path)
    for (directory, owner), because_of in found.items():
        for path in scene.children(directory):
            if path.endswith(_DESCRIPTION) and id(scene.owner(path)) == owner:
                yield Keep(path, "plugins", because_of)
            is_sibling = is_library(path) and id(scene.owner(path)) == owner and path not in keeps
            if is_sibling and cost_of(scene, path, keeps, COSTLY) <= COSTLY:
                yield Keep(path, "plugins", because_of)


def _has_rules(scene: Scene, directory: str) -> bool:
    """Whether another rule knows the directory better."""
    return directory.rpartition("/")[2] in _RULED or "/glibc-hwcaps/" in directory or areas(scene).managed(directory)


def _modules(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Modules of kept libraries: those that came with them, and those that stand where they look."""
    standard = frozenset(library_directories(scene))
    seen: set[str] = set()
    for path in keeps:
        directory, _, name = path.rpartition("/")
        if directory not in standard or not is_library(path):
            continue
        for place in _PLACES.get(f"{name.partition('.so')[0]}.so", ()):
            for entry in scene.below(f"{directory}/{place}"):
                yield Keep(entry.path, "modules", path)
        owner = scene.owner(path)
        if owner is not None and owner.name not in _C_LIBRARIES and owner.name not in seen:
            seen.add(owner.name)
            for file in sorted(owner.files):
                if is_library(file) and parent_of(file) not in standard and not _has_rules(scene, parent_of(file)):
                    yield Keep(file, "modules", path)


def _authentication(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """SASL's mechanisms, where more speaks SASL than LDAP, which few that link it ever use."""
    elf = scene.elf(keep.path)
    if elf is not None and elf.imports & _SASL and "/libldap" not in keep.path:
        for directory in library_directories(scene):
            for entry in scene.below(f"{directory}/sasl2"):
                yield Keep(entry.path, "modules", keep.path)


RULES = (
    Rule("plugins", "A plug-in: it lies beside one that is used, of the same origin.", family=_siblings),
    Rule(
        "modules",
        "A module of a kept library, which loads what stands in its own directory.",
        follow=_authentication,
        family=_modules,
    ),
)
