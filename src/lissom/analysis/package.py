"""A package that was installed into a tree: of the operating system or of a language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Package", "normal_name"]

_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package. ``kind`` is deb, apk, python, npm or gem.

    ``files`` are paths of the tree that are no directories and no ``records``; ``records`` say that the package is
    there and are its own (a dist-info directory's files, a package.json, a gemspec, a deb's lists). ``requires`` are
    names of the same kind; for deb and apk only of what is installed, virtual names replaced by their providers.
    ``root`` is the directory it lives in: site-packages, the npm package's directory, the gem's directory.
    """

    kind: str
    name: str
    version: str
    files: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    requires: tuple[str, ...] = field(default=(), compare=False)
    root: str = ""
    records: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    directories: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    """Directories that the package itself lists; for deb and apk only."""

    architecture: str = ""


def normal_name(kind: str, name: str) -> str:
    """The form in which names of a kind are compared."""
    return _SEPARATORS.sub("-", name).lower() if kind == "python" else name
