"""Slices: parts of packages by globs, those of the library (``slices/PACKAGE.yaml``) by name.

In a glob ``*`` stays within one name and ``**`` goes through directories; a directory that fits comes with all that is
in it. ``/lib/x`` and ``/usr/lib/x`` are one path, see the merged /usr of hier(7).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from lissom.context.glob import ignore_expression
from lissom.distroless.paths import merged
from lissom.distroless.spec.nodes import Document
from lissom.distroless.spec.spec import Wish
from lissom.dockerfile.fault import nearest
from lissom.dockerfile.source import Source
from lissom.errors import UsageError
from lissom.rootfs.entry import Entry, parent_of
from lissom.rootfs.tree import Changeset

__all__ = [
    "LIBRARY",
    "Slice",
    "addition",
    "has_additions",
    "library",
    "packages",
    "parse_slices",
    "read_glob",
    "sliced",
]

LIBRARY = Path(__file__).parents[1] / "slices"
_NAME = "[a-z0-9][a-z0-9-]*"


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a package: globs of paths, and other slices of the package that it needs."""

    paths: tuple[str, ...]
    needs: tuple[str, ...] = ()


@lru_cache
def library(package: str) -> Mapping[str, Slice]:
    """The slices that lissom knows of ``package``, by name; none for most packages."""
    path = LIBRARY / f"{package}.yaml"
    return parse_slices(path.read_text(encoding="utf-8"), str(path)) if path.is_file() else {}


def packages() -> list[str]:
    """Names of the packages that the library has slices of."""
    return sorted(path.stem for path in LIBRARY.glob("*.yaml"))


def parse_slices(text: str, name: str) -> Mapping[str, Slice]:
    """Read a file of the library: ``slices: {NAME: {paths: [GLOB], with: [NAME]}}``. Raises DockerfileError."""
    document = Document(Source(name, text), Path(name).parent)
    root = document.root()
    if "slices" not in (settings := document.settings(root, ("slices",))):
        raise document.error(root, "`slices` is missing")
    slices = document.mapping(settings["slices"][1], "slices")
    found: dict[str, Slice] = {}
    for key, value in slices.values():
        settings = document.settings(value, ("paths", "with"))
        items = {name: document.items(node) for name, (_, node) in settings.items()}
        paths = tuple(read_glob(document, item) for item in items.get("paths", ()))
        needs = tuple(document.one_of(item, tuple(slices), "slice") for item in items.get("with", ()))
        if not paths and not needs:
            raise document.error(key, "this slice has neither `paths` nor `with`")
        found[document.fitting(key, _NAME, "a name of a slice")] = Slice(paths, needs)
    return found


def read_glob(document: Document, node: yaml.Node) -> str:
    """A glob of absolute paths. Raises DockerfileError."""
    text = document.fitting(node, "/.+", "a glob of absolute paths such as /etc/*")
    try:
        re.compile(ignore_expression(text.strip("/")))
    except ValueError as error:
        raise document.error(node, f"`{text}` is no glob: {error}") from error
    return text


def sliced(files: Changeset, wish: Wish) -> Changeset:
    """What ``wish`` takes of its package's ``files``, what links in it lead to, the copyright, and all parents.

    Raises UsageError for a slice that the library does not have and one that no path fits.
    """
    if not wish.slices:
        return files
    copyright_file = f"usr/share/doc/{wish.name}"
    found = {copyright_file, f"{copyright_file}/copyright"} & files.entries.keys()
    for name, globs in _asked(wish).items():
        expression = _expression(globs)
        if not globs:
            continue
        fitting = {path for path in files.entries if any(map(expression.fullmatch, _spellings(path)))}
        if not fitting:
            near = nearest(name, [f"/{path}" for path in files.entries]) if name.startswith("/") else None
            raise UsageError(
                f"cannot take slice `{name}` of package `{wish.name}`: no path of the package fits",
                hint=f"did you mean `{near}`?" if near else None,
            )
        found |= fitting
    return Changeset.of(files.entries[path] for path in _closed(found, files.entries))


def addition(package: str, path: str) -> str:
    """Which slice that only adds to others ``path`` is of; empty when it is of the main part of ``package``.

    Such slices need others, and no other needs them: who takes them has the main part too.
    """
    main, added = _parts(package)
    spellings = _spellings(path)
    if not added or any(map(main.fullmatch, spellings)):
        return ""
    return next((name for name, globs in added if any(map(globs.fullmatch, spellings))), "")


def has_additions(package: str) -> bool:
    """Whether the library knows slices of ``package`` that only add to others."""
    return bool(_parts(package)[1])


@lru_cache
def _parts(package: str) -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    """What fits the main part of a package, and what fits each slice that adds to it."""
    known = library(package)
    needed = {name for one in known.values() for name in one.needs}
    added = {name for name, one in known.items() if one.needs and name not in needed}
    main = _expression(glob for name, one in known.items() if name not in added for glob in one.paths)
    return main, tuple((name, _expression(known[name].paths)) for name in known if name in added)


def _asked(wish: Wish) -> dict[str, tuple[str, ...]]:
    """Globs by the slice that they belong to: all that the wish names and what those need."""
    known = library(wish.name)
    asked: dict[str, tuple[str, ...]] = {}
    names = list(wish.slices)
    for name in names:
        if name.startswith("/"):
            asked[name] = (name,)
        elif name not in known:
            raise UsageError(f"cannot take slice `{name}` of package `{wish.name}`: lissom knows no slice of this name")
        elif name not in asked:
            asked[name] = known[name].paths
            names += known[name].needs
    return asked


def _expression(globs: Iterable[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{ignore_expression(glob.strip('/'))})" for glob in globs)
    return re.compile(f"(?:{joined})(?:/.*)?", re.DOTALL)


def _spellings(path: str) -> set[str]:
    short = path.removeprefix("usr/")
    return {path, merged(path), *((short,) if merged(short) == path else ())}


def _closed(found: set[str], entries: Mapping[str, Entry]) -> set[str]:
    """``found``, what its links lead to within ``entries``, and the parents of all that."""
    places = {merged(path): path for path in entries}
    closed: set[str] = set()
    queue = list(found)
    while queue:
        path = queue.pop()
        if path in closed:
            continue
        closed.add(path)
        if above := parent_of(path):
            queue += [above] if above in entries else []
        if link := entries[path].link:
            target = merged(posixpath.normpath(posixpath.join("/", parent_of(path), link)).lstrip("/"))
            if target in places:
                queue.append(places[target])
    return closed
