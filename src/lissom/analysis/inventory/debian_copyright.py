"""The licences of a deb by its copyright file, where a machine can read that (DEP 5, copyright-format 1.0)."""

from __future__ import annotations

import re

from lissom.analysis.dpkg import stanzas
from lissom.analysis.inventory.licence import UNKNOWN, Licence, all_of, one_named, stated

__all__ = ["debian_licence"]

_FORMAT = re.compile(r"\s*Format(?:-Specification)?:[^\n]*(?:copyright-format|dep-?5)", re.IGNORECASE)
_FILES = re.compile(r"^Files:", re.MULTILINE | re.IGNORECASE)
_LICENCE = re.compile(r"^License:[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE)
_LONGEST = 400
_JOINTS = (
    (re.compile(r"\s*,\s*or\s+", re.IGNORECASE), "OR"),
    (re.compile(r"\s*,\s*(?:and\s+)?", re.IGNORECASE), "AND"),
    (re.compile(r"\s+or\s+", re.IGNORECASE), "OR"),
    (re.compile(r"\s+and(?:/or)?\s+", re.IGNORECASE), "AND"),
)
_GNU = re.compile(r"(A?GPL|LGPL|GFDL)(-NIV)?-v?([1-3])(?:\.([0-3]))?(?:\.0)?(\+|-or-later|-only)?", re.IGNORECASE)
_WITH = re.compile(r"(\S+)\s+with\s+(.+?)(?:[\s-]+exception)?", re.IGNORECASE)
_EXCEPTIONS = {
    "bison": "Bison-exception-2.2", "classpath": "Classpath-exception-2.0", "font": "Font-exception-2.0",
    "gcc": "GCC-exception-3.1", "gcc runtime library": "GCC-exception-3.1", "libtool": "Libtool-exception",
    "linux-syscall-note": "Linux-syscall-note", "llvm": "LLVM-exception",
}  # fmt: skip
# Who names no version of the GPL leaves the choice of any (its section 9).
_NAMES = {
    "artistic": "Artistic-1.0-Perl", "gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later",
    "openldap-2.8": "OLDAP-2.8", "perl": "GPL-1.0-or-later OR Artistic-1.0-Perl", "psf-2": "PSF-2.0",
    "psf": "PSF-2.0", "ruby": "Ruby",
}  # fmt: skip


def debian_licence(copyright_file: str) -> Licence:
    """All licences that the paragraphs on files name; unknown when the file is written for people only."""
    if not _FORMAT.match(copyright_file):
        return UNKNOWN
    head, *rest = stanzas(copyright_file)
    on_files = [stanza for stanza in rest if _FILES.search(stanza)] or [head]
    found = (_LICENCE.search(stanza) for stanza in on_files)
    return all_of(_expression(match[1].strip()) for match in found if match)


def _expression(text: str) -> Licence:
    """Debian's expression in SPDX's form: ``and`` binds more than ``or``, a comma before them less than both."""
    if not text or len(text) > _LONGEST:
        return UNKNOWN
    if "(" in text:  # not of this language, perhaps of SPDX's
        return stated(text)
    for joint, word in _JOINTS:
        parts = joint.split(text)
        if len(parts) > 1:
            licences = [_expression(part) for part in parts]
            return all_of(licences) if word == "AND" else _any_of(licences)
    return _one(text)


def _any_of(licences: list[Licence]) -> Licence:
    if not all(licence.expression for licence in licences):
        return UNKNOWN
    names = dict.fromkeys(name for licence in licences for name in licence.names)
    return Licence(" OR ".join(dict.fromkeys(licence.expression for licence in licences)), tuple(names))


def _one(name: str) -> Licence:
    gnu = _gnu(name)
    if gnu:
        return Licence(gnu)
    if known := _NAMES.get(name.lower()):
        return Licence(known)
    if match := _WITH.fullmatch(name):
        licence, exception = _gnu(match[1]) or one_named(match[1]).expression, _EXCEPTIONS.get(match[2].lower())
        if exception and not licence.startswith("LicenseRef-"):
            return Licence(f"{licence} WITH {exception}")
    return one_named(name)


def _gnu(name: str) -> str:
    """``GPL-2+`` as GPL-2.0-or-later; empty when the name is not of this family."""
    match = _GNU.fullmatch(name)
    if not match:
        return ""
    family, invariants, major, minor, later = match.groups()
    only = "or-later" if later in ("+", "-or-later") else "only"
    middle = "-no-invariants" if invariants else ""
    return f"{family.upper()}-{major}.{minor or 0}{middle}-{only}"
