"""Python: modules that are imported late, the standard library, installed distributions, and the names of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import Kind, parent_of
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.python_dists import DISTRIBUTION, REQUIRED, distributions
from lissom.slim.rules.python_reach import IMPORT, WHOLE, imported
from lissom.slim.rules.python_search import live_sites, source_of
from lissom.slim.rules.python_stdlib import stdlib

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["RULES"]

_SOURCE = "python-source"
_NAME = "python-name"
_PYTHON = re.compile(r"(?:^|/)bin/python[\d.]*$")
_NAMES = re.compile(r"python(?:\d+(?:\.\d+)?)?$")


def _source(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """Tracebacks and inspect read the source; and Python takes byte code only where the source is."""
    source = source_of(keep.path)
    if source != keep.path and source in scene.tree:
        yield Keep(source, _SOURCE, keep.path)


def _names(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """Links beside a kept Python, and in PATH, that lead to the same program: python, python3."""
    if not _PYTHON.search(keep.path):
        return
    real = scene.resolve(keep.path)
    for directory in dict.fromkeys((parent_of(keep.path), *scene.path)):
        for path in scene.tree.children(directory):
            link = scene.tree[path].kind is Kind.SYMLINK and _NAMES.match(path.rpartition("/")[2])
            if link and scene.resolve(path) == real:
                yield Keep(path, _NAME, keep.path)


def _environments(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Of a virtual environment in use: what says where its Python is."""
    for site in live_sites(scene, keeps):
        home = parent_of(parent_of(parent_of(site)))
        settings = f"{home}/pyvenv.cfg".lstrip("/")
        if settings in scene.tree:
            yield Keep(settings, _NAME, site)
            for path in scene.children(f"{home}/bin"):
                if _NAMES.match(path.rpartition("/")[2]):
                    yield Keep(path, _NAME, site)


RULES = (
    Rule(_SOURCE, "The source of Python byte code that stays.", follow=_source),
    Rule(
        _NAME, "Other names of a Python that stays, and the settings of its virtual environment.", _names, _environments
    ),
    Rule(IMPORT, "A Python module that one that stays imports, if only inside a function.", family=imported),
    Rule(WHOLE, "Python's own library: sources, and extension modules that need nothing more.", family=stdlib),
    Rule(DISTRIBUTION, "A Python distribution of which a file is used, without tests.", family=distributions),
    Rule(REQUIRED, "A distribution that another one in use requires."),
)
