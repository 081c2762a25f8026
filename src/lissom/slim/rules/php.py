"""PHP: extensions that settings name, Composer's packages, libraries of the system, and where sessions are kept."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lissom.rootfs.entry import parent_of
from lissom.slim.areas import areas
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.scene import Level

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["RULES"]

_EXTENSION = "php-extension"
_PACKAGE = "php-package"
_STATE = "php-state"
_PROGRAM = re.compile(r"(?:^|/)(?:bin/php[\d.]*|sbin/php-fpm[\d.]*|lib\w*php[\d.]*\.so)$")
_LOADED = re.compile(r"^\s*(?:zend_)?extension\s*=\s*[\"']?([\w./-]+)", re.MULTILINE)
_DIRECTORY = re.compile(
    r"^\s*(?:session\.save_path|upload_tmp_dir|sys_temp_dir|opcache\.file_cache|include_path|soap\.wsdl_cache_dir"
    r"|php_(?:admin_)?value\[[\w.]+\])\s*=\s*[\"']?([^\"'\n]+)",
    re.MULTILINE,
)
_STATES = ("var/lib/php", "var/lib/php/sessions", "var/lib/php/session", "var/lib/php/modules")
_LARGEST = 16 << 20
_DEVELOPERS = re.compile(
    r"^(?:tests?|specs?|docs?|examples?|benchmarks?|\.[\w-]+)(?:/|$)|^(?!licen[cs]e|notice)[^/]*\.(?:md|rst|dist)$"
    r"|^(?:phpunit|phpstan|psalm|phpcs)[\w.-]*$|(?:^|/)\.(?:git\w*|travis\.yml|editorconfig|php[_-]cs\w*(?:\.\w+)*)$",
    re.IGNORECASE,
)


def _extensions(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """Extensions that kept settings load, and the settings of a PHP for the command line that stays."""
    path = keep.path
    if path.endswith(".ini") and "php" in path:
        text = scene.text(path)
        for name in _LOADED.findall(text):
            yield from _extension(scene, name, path)
        for value in _DIRECTORY.findall(text):
            for word in re.split("[;:]", value):
                if word.startswith("/") and scene.is_directory(word):
                    yield Keep(word, _STATE, path)
    elif re.search(r"(?:^|/)bin/php[\d.]*$", path):
        for version in scene.children("etc/php"):
            if version.rpartition("/")[2] in path or scene.resolve(path).endswith(version.rpartition("/")[2]):
                for entry in scene.below(f"{version}/cli"):
                    yield Keep(entry.path, _EXTENSION, path)


def _extension(scene: Scene, name: str, because_of: str) -> Iterator[Keep]:
    if name.startswith("/"):
        yield Keep(name, _EXTENSION, because_of)
        return
    file = name if name.endswith(".so") else f"{name}.so"
    for root in ("usr/lib/php", "usr/local/lib/php/extensions", "usr/lib/php/modules", "usr/lib64/php"):
        for place in (scene.resolve(root), *scene.children(root)):
            if f"{place}/{file}" in scene.tree:
                yield Keep(f"{place}/{file}", _EXTENSION, because_of)


def _packages(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Composer's packages: what the app requires is loaded class by class, so all that is not for developers stays."""
    for vendor in areas(scene).composers:
        inside = f"{vendor}/"
        used = [path[len(inside) :] for path in keeps if path.startswith(inside)]
        if not used:
            continue
        yield from (Keep(path, _PACKAGE, vendor) for path in _autoloader(scene, vendor))
        for directory in _wanted(scene, vendor, used):
            for entry in scene.below(directory):
                relative = entry.path[len(scene.resolve(directory)) + 1 :]
                kept = scene.level is Level.PACKAGE or not _DEVELOPERS.search(relative)
                if kept and not entry.is_directory and entry.path not in keeps:
                    yield Keep(entry.path, _PACKAGE, directory)


def _autoloader(scene: Scene, vendor: str) -> Iterator[str]:
    yield f"{vendor}/autoload.php"
    for path in scene.tree.children(f"{vendor}/composer"):
        if not scene.tree[path].is_directory:
            yield path


def _wanted(scene: Scene, vendor: str, used: list[str]) -> list[str]:
    """Directories of packages in use and of those that they, and the app's composer.json, require."""
    installed, developers = _installed(scene, vendor)
    touched = {"/".join(path.split("/")[:2]) for path in used}
    roots = _object(scene, f"{parent_of(vendor)}/composer.json".lstrip("/")).get("require")
    waiting = [name for name, (directory, _) in installed.items() if directory[len(vendor) + 1 :] in touched]
    waiting += list(roots) if isinstance(roots, Mapping) else [name for name in installed if name not in developers]
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop().lower()
        if name in installed and name not in found:
            found[name], requires = installed[name]
            waiting += requires
    return list(found.values())


def _installed(scene: Scene, vendor: str) -> tuple[dict[str, tuple[str, list[str]]], set[str]]:
    """Each package's directory and what it requires, and the names of those that only developers need."""
    said = _object(scene, f"{vendor}/composer/installed.json")
    listed = said.get("packages", said.get("", []))
    packages: dict[str, tuple[str, list[str]]] = {}
    for one in listed if isinstance(listed, list) else []:
        name = one.get("name") if isinstance(one, Mapping) else None
        if isinstance(name, str):
            place = one.get("install-path")
            where = posixpath.normpath(f"{vendor}/composer/{place}") if isinstance(place, str) else f"{vendor}/{name}"
            requires = one.get("require")
            packages[name.lower()] = where, [str(each) for each in requires] if isinstance(requires, Mapping) else []
    developers = said.get("dev-package-names")
    return packages, {str(name).lower() for name in developers} if isinstance(developers, list) else set()


def _object(scene: Scene, path: str) -> Mapping[str, Any]:
    """A JSON file's object; a list, which old versions wrote, under the empty name."""
    known: dict[str, Mapping[str, Any]] = scene.memo.setdefault("php.json", {})
    if path not in known:
        try:
            said = json.loads(scene.read(path, _LARGEST))
        except (ValueError, RecursionError):
            said = None
        known[path] = said if isinstance(said, Mapping) else {"": said}
    return known[path]


def _state(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Directories that PHP writes to, and libraries of system packages in its include path of which a file is used."""
    if not any(_PROGRAM.search(path) for path in keeps):
        return
    for path in _STATES:
        yield Keep(path, _STATE, "php")
    seen: set[int] = set()
    for path in [path for path in keeps if path.startswith("usr/share/php/")]:
        owner = scene.owner(path)
        if owner is not None and id(owner) not in seen:
            seen.add(id(owner))
            for other in sorted(owner.files):
                if other.startswith("usr/share/php/") and not re.search(r"/(?:tests?|docs?)/", other, re.IGNORECASE):
                    yield Keep(other, _PACKAGE, owner.name)


RULES = (
    Rule(_EXTENSION, "An extension, or settings, that a PHP which stays loads when it starts.", follow=_extensions),
    Rule(_PACKAGE, "A package of Composer that the app requires, without tests.", family=_packages),
    Rule(_STATE, "A directory that PHP writes to, and its libraries of system packages.", family=_state),
)
