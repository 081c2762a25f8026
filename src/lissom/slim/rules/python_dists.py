"""Installed Python distributions: one that is used stays, less what only its developers need, with what it requires."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lissom.analysis.package import Package, normal_name
from lissom.slim.areas import areas
from lissom.slim.keep import Keep
from lissom.slim.rules.python_search import live_sites, source_of
from lissom.slim.scene import Level

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["distributions", "is_for_developers"]

DISTRIBUTION = "python-distribution"
REQUIRED = "python-requires"
_DEVELOPERS = re.compile(
    r"\.(?:pyi|pyx|pxd|pxi|a|la|lib|exe|o|whl|cmake|pc|map)$|(?:^|/)(?:tests?|docs?)/|(?:^|/)conftest\.py$"
    r"|^numpy/(?:(?:distutils|f2py)/|_?core/_(?:simd|\w+_tests)\.)"
)
_SOURCE = re.compile(r"\.(?:h|hh|hpp|c|cc|cpp|f|f90)$")
_COMPILING = re.compile(r"^(?:triton|torch|cupy\w*|numba\w*|pycuda|pyopencl|tvm|jax\w*|nvidia|cffi)/")
"""Distributions that compile what they ship while they run."""
_GROUP = re.compile(r"^\[([\w.:-]+)\]", re.MULTILINE)
_FOR_TOOLS = re.compile(
    r"^(?:console_scripts|gui_scripts|distutils\.|setuptools\.|egg_info\.|pytest|pip\.|flake8|mypy)"
)
_HOOKS = ("_distutils_hack/", "distutils-precedence.pth")
_LARGEST_COMMAND = 1024
_ELSEWHERE = re.compile(r"(?:^|/)(?:s?bin|include|share/(?:man|doc|info|bash-completion|zsh|fish)|Scripts)/")


def is_for_developers(relative: str) -> bool:
    """Whether a file of a distribution, by its path in site-packages, is of no use to who only runs it."""
    if _SOURCE.search(relative):
        return _COMPILING.match(relative) is None
    return _DEVELOPERS.search(relative) is not None


def distributions(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """The family of each distribution of which a file is used, and those that it requires."""
    sites = live_sites(scene, keeps)
    if not sites:
        return
    used, loose = _used(scene, keeps, sites)
    used += _providers(scene, keeps, used, sites)
    for package, reason in _with_required(scene, used, sites):
        for path in _files(scene, package):
            if path not in keeps:
                yield Keep(path, reason, package.name)
    for top in loose:
        for path in _top_files(scene, top):
            if path not in keeps:
                yield Keep(path, DISTRIBUTION, top)


def _providers(scene: Scene, keeps: Keeps, used: list[Package], sites: Iterable[str]) -> list[Package]:
    """Distributions that offer entry points of a group which a kept source names: plug-ins found by their records."""
    offers: list[tuple[Package, str]] = []
    known = set(map(id, used))
    for packages in _by_name(scene, sites).values():
        for package in packages:
            for record in package.records if id(package) not in known else ():
                if record.endswith("/entry_points.txt"):
                    offers += [(package, group) for group in _GROUP.findall(scene.text(record))]
    wanted = {group for _, group in offers if not _FOR_TOOLS.match(group)} - _named(scene)
    sources = [path for path in keeps if path.endswith(".py")] if wanted else []
    for path in sources:
        text = scene.text(path)
        _named(scene).update(group for group in wanted if group in text)
    return [package for package, group in offers if group in _named(scene)]


def _named(scene: Scene) -> set[str]:
    named: set[str] = scene.memo.setdefault("python.groups", set())
    return named


def _with_required(scene: Scene, used: list[Package], sites: Iterable[str]) -> Iterator[tuple[Package, str]]:
    names = _by_name(scene, sites)
    waiting = [(package, DISTRIBUTION) for package in used]
    done = set(map(id, used))
    while waiting:
        package, reason = waiting.pop()
        yield package, reason
        for required in package.requires:
            for other in names.get(normal_name("python", required), ()):
                if id(other) not in done:
                    done.add(id(other))
                    waiting.append((other, REQUIRED))


def _by_name(scene: Scene, sites: Iterable[str]) -> dict[str, list[Package]]:
    found: dict[str, list[Package]] = {}
    for package in scene.packages.all:
        if package.kind == "python" and (not package.root or package.root in sites):
            found.setdefault(normal_name("python", package.name), []).append(package)
    return found


def _used(scene: Scene, keeps: Keeps, sites: Iterable[str]) -> tuple[list[Package], list[str]]:
    """Distributions with a kept file that is no record of them, and tops of a site that no distribution has."""
    used: dict[int, Package] = {}
    loose: dict[str, None] = {}
    roots = tuple(f"{site}/" for site in sites)
    for path in keeps:
        if scene.tree[path].is_directory:
            continue
        package = scene.packages.language_owner(path)
        if package is not None and package.kind == "python":
            if path not in package.records and not _is_hook(path):
                used[id(package)] = package
        elif package is None and path.startswith(roots) and not _is_hook(path):
            site = next(root for root in roots if path.startswith(root))
            top = source_of(path)[len(site) :].partition("/")[0]
            if not top.endswith((".pth", ".dist-info", ".egg-info", ".egg-link")):
                loose[site + top] = None
    return list(used.values()), list(loose)


def _is_hook(path: str) -> bool:
    """What setuptools has loaded at every start is no use of setuptools."""
    return any(hook in path for hook in _HOOKS)


def _files(scene: Scene, package: Package) -> Iterator[str]:
    """What stays of a distribution: its records, its modules and data, and the small scripts that call it."""
    yield from sorted(package.records)
    whole = scene.level is Level.PACKAGE
    site = f"{package.root}/" if package.root else ""
    for path in sorted(package.files):
        if whole:
            yield path
        elif path.startswith(site) and areas(scene).managed(path):
            relative = path[len(site) :]
            if not is_for_developers(relative) and not _is_remade(package, path):
                yield path
        elif _is_command(scene, path) or (not _ELSEWHERE.search(path) and not path.endswith(".pyc")):
            yield path


def _is_command(scene: Scene, path: str) -> bool:
    """Whether a script only calls the distribution: it costs nothing, and may be how the app is looked after."""
    return "bin/" in path and scene.tree[path].size < _LARGEST_COMMAND and scene.read(path, 2) == b"#!"


def _is_remade(package: Package, path: str) -> bool:
    """Byte code that Python makes again, as the source is there."""
    source = source_of(path)
    return source != path and source in package.files


def _top_files(scene: Scene, top: str) -> Iterator[str]:
    """A module or package that nobody wrote a record for."""
    entry = scene.tree.get(top)
    if entry is None or not entry.is_directory:
        yield top
        return
    for entry in scene.below(top):
        relative = entry.path[len(top) - len(top.rpartition("/")[2]) :]
        remade = source_of(entry.path) != entry.path and source_of(entry.path) in scene.tree
        if not entry.is_directory and not is_for_developers(relative) and not remade:
            yield entry.path
