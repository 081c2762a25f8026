"""Node: packages in use stay, with what they depend on, and what the app depends on and requires late."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lissom.rootfs.entry import parent_of
from lissom.slim.areas import areas
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.node_files import fits, manifest, package_files
from lissom.slim.rules.node_requires import files_of, package_name, specifiers_of

if TYPE_CHECKING:
    from lissom.analysis.package import Package
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["RULES"]

_PACKAGE = "node-package"
_DEPENDENCY = "node-dependency"
_REQUIRE = "node-require"
_NAME = "node-name"
_SOURCES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
_TYPESCRIPT = (".ts", ".mts", ".cts", ".tsx")
_BUILDING = re.compile(
    r"(?:^|/)(?:[\w.-]+\.(?:config|test|spec|stories)\.[cm]?[jt]sx?|gulpfile[\w.]*|Gruntfile[\w.]*|\.\w+rc\.c?js)$"
    r"|(?:^|/)(?:tests?|__tests__|spec|e2e|cypress|benchmarks?|\.storybook)/"
)
"""Files that build or test an app; what they require counts only when they were used."""

_LARGEST_SOURCE = 4 << 20
_INSTALLERS = frozenset(("npm", "yarn", "pnpm", "corepack", "cnpm"))


def _packages(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Packages of which a file is used, what they depend on, and what the app says that it depends on."""
    found = {id(package): (package, reason, why) for package, reason, why in _seeds(scene, keeps)}
    waiting = list(found.values())
    while waiting:
        package, reason, because_of = waiting.pop()
        for path in package_files(scene, package):
            if path not in keeps:
                yield Keep(path, reason, because_of)
        for other in _requirements(scene, package):
            if id(other) not in found:
                found[id(other)] = (other, _DEPENDENCY, package.name)
                waiting.append(found[id(other)])


def _seeds(scene: Scene, keeps: Keeps) -> Iterator[tuple[Package, str, str]]:
    """Packages with the reason why they stay, whatever they depend on: those used last, so that this is what counts."""
    for home in _own_homes(scene, keeps):
        for name in _depends(manifest(scene, home)):
            package = scene.packages.npm_from(home, name)
            if package is not None and fits(scene, package):
                yield package, _DEPENDENCY, f"{home}/package.json"
    for path in keeps:
        package = _package_of(scene, path)
        if package is not None and path not in package.records and not scene.tree[path].is_directory:
            yield package, _PACKAGE, path


def _package_of(scene: Scene, path: str) -> Package | None:
    package = scene.packages.language_owner(path) if "node_modules/" in path or "/nodejs/" in path else None
    return package if package is not None and package.kind == "npm" else None


def _requirements(scene: Scene, package: Package) -> Iterator[Package]:
    """What a package depends on. An installer installs nothing any more: of its many those that what ran requires."""
    optional = _optional_peers(manifest(scene, package.root))
    names: Iterable[str] = package.requires
    if package.name in _INSTALLERS:
        ran = [path for path in package.files if path in scene.touched and path.endswith(_SOURCES)]
        specifiers = {each for path in ran for each in specifiers_of(scene.text(path))}
        names = sorted({name for name in map(package_name, specifiers) if name})
    for name in names:
        other = scene.packages.npm_from(package.root, name) if name not in optional else None
        if other is not None and fits(scene, other):
            yield other


def _depends(said: Mapping[str, object]) -> list[str]:
    """What a package.json says that running needs."""
    names: list[str] = []
    optional = _optional_peers(said)
    for key in ("dependencies", "optionalDependencies", "peerDependencies"):
        listed = said.get(key)
        names += [str(name) for name in listed if name not in optional] if isinstance(listed, Mapping) else []
    return names


def _optional_peers(said: Mapping[str, object]) -> set[str]:
    """Peers that a package can do without: these stay when something else wants them."""
    meta = said.get("peerDependenciesMeta")
    if not isinstance(meta, Mapping):
        return set()
    wanted = said.get("dependencies")
    needed = set(wanted) if isinstance(wanted, Mapping) else set()
    return {name for name, each in meta.items() if isinstance(each, Mapping) and each.get("optional")} - needed


def _own_homes(scene: Scene, keeps: Keeps) -> list[str]:
    """Directories of the app's own package.json files: the nearest above each kept source, and above WORKDIR."""
    found: dict[str, None] = {}
    directories = {parent_of(path) for path in keeps if path.endswith(_SOURCES) and areas(scene).own(path)}
    runs_node = any(f"{directory}/{name}" in keeps for directory in scene.path for name in ("node", "nodejs"))
    if runs_node:
        directories.add(scene.resolve(str(scene.config.get("WorkingDir") or "")))
    for directory in directories:
        above = directory
        while above and f"{above}/package.json" not in scene.tree:
            above = parent_of(above)
        if (f"{above}/package.json" if above else "package.json") in scene.tree:
            found[above] = None
    return list(found)


def _requires(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """What the app's own sources require, wherever in them."""
    path = keep.path
    if not path.endswith(_SOURCES) or not areas(scene).own(path) or scene.tree[path].size > _LARGEST_SOURCE:
        return
    used = path in scene.touched
    if not used and (_BUILDING.search(path) or path.endswith(_TYPESCRIPT)):
        return
    directory = parent_of(path)
    for specifier in specifiers_of(scene.text(path)):
        name = package_name(specifier)
        if specifier.startswith("."):
            yield from (Keep(file, _REQUIRE, path) for file in files_of(scene, directory, specifier))
        elif name is not None and (used or not _is_for_developers(scene, directory, name)):
            package = scene.packages.npm_from(directory, name)
            for file in package_files(scene, package) if package is not None else ():
                yield Keep(file, _REQUIRE, path)


def _is_for_developers(scene: Scene, directory: str, name: str) -> bool:
    """Whether the nearest package.json has a package only for those who develop."""
    above = directory
    while above and not manifest(scene, above):
        above = parent_of(above)
    said = manifest(scene, above)
    listed = said.get("devDependencies")
    return isinstance(listed, Mapping) and name in listed and name not in _depends(said)


def _names(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """The other of the two names that Node has."""
    if keep.path.endswith(("bin/node", "bin/nodejs")):
        real = scene.resolve(keep.path)
        for directory in dict.fromkeys((parent_of(keep.path), *scene.path)):
            for name in ("node", "nodejs"):
                path = f"{directory}/{name}"
                if path in scene.tree and scene.resolve(path) == real:
                    yield Keep(path, _NAME, keep.path)


def _installers(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """A package manager outside of node_modules, such as yarn in /opt, that was used to start the app."""
    for home in areas(scene).npm_homes:
        if "node_modules/" not in home and any(f"{home}/{name}" in keeps for name in ("lib/cli.js", "bin/yarn.js")):
            for part in ("bin", "lib"):
                for entry in scene.below(f"{home}/{part}"):
                    if not entry.is_directory and not entry.name.endswith((".cmd", ".map", ".md")):
                        yield Keep(entry.path, _PACKAGE, home)


RULES = (
    Rule(_PACKAGE, "A package of Node of which a file is used, without tests and documents.", family=_packages),
    Rule(_DEPENDENCY, "A package that the app, or another package in use, depends on.", family=_installers),
    Rule(_REQUIRE, "What a source of the app requires, if only inside a function.", follow=_requires),
    Rule(_NAME, "The other name of a Node that stays.", follow=_names),
)
