"""At the level ``package``: whatever came with a file that is used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.analysis.package import Package
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.scene import Level, Scene

__all__ = ["RULES"]

_PAPERS = re.compile(r"^usr/(?:local/)?share/(?:doc|man|info|lintian|bug|doc-base|gtk-doc|help|bash-completion|zsh)/")
_LICENCE = re.compile(r"^usr/share/doc/[^/]+/copyright$")


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Packages of the system and of languages with a file that was touched; no manuals, but licences."""
    if scene.level is not Level.PACKAGE:
        return
    found: dict[int, tuple[Package, str]] = {}
    for path in (*scene.touched, *(path for path in keeps if keeps[path].reason in ("linker", "command", "shebang"))):
        for owner in (scene.owner(path), scene.packages.language_owner(path)):
            if owner is not None:
                found.setdefault(id(owner), (owner, path))
    for owner, because_of in found.values():
        for path in sorted(owner.files):
            if not _PAPERS.match(path) or _LICENCE.match(path):
                yield Keep(path, "package", because_of)


RULES = (Rule("package", "Whatever came with a file that is used, manuals left out.", family=_family),)
