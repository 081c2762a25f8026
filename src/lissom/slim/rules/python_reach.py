"""Which Python modules can be reached from what runs: through imports anywhere in a module, and through texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lissom.rootfs.entry import parent_of
from lissom.slim.areas import areas
from lissom.slim.keep import Keep
from lissom.slim.rules.python_imports import imports_of, literals_of, module_names
from lissom.slim.rules.python_search import Search, live_sites, live_stdlibs, own_roots, source_of

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["IMPORT", "WHOLE", "imported", "is_tool", "reached"]

IMPORT = "python-import"
WHOLE = "python-stdlib"
"""What is kept under this name was not seen to be used, so what it imports is not followed."""

_TOOL_NAMES = """
pytest _pytest IPython ipykernel ipywidgets ipdb jedi notebook setuptools pkg_resources _distutils_hack pip wheel
distutils lib2to3 ensurepip venv nose tox hypothesis mypy black blackd blib2to3 pylint flake8 isort
idlelib tkinter turtle turtledemo curses readline rlcompleter _pyrepl pydoc_data test numpy.distutils numpy.f2py
sphinx coverage Cython cython py pluggy bpython ptpython
"""
"""Modules that libraries import for those who develop with them; an app that means them imports them itself."""

_TOOLS = frozenset(_TOOL_NAMES.split())
_SETTINGS = (".cfg", ".conf", ".env", ".ini", ".json", ".toml", ".yaml", ".yml", ".sh")
_LARGEST_SETTINGS = 256 << 10


@dataclass
class _State:
    """What is known so far; everything is looked at once, unless where modules are searched changes."""

    roots: tuple[str, ...] = ()
    search: Search | None = None
    reached: dict[str, str] = field(default_factory=dict)
    """Files of modules, each with what led there."""

    looked: set[str] = field(default_factory=set)
    imports: dict[str, frozenset[str]] = field(default_factory=dict)


def is_tool(name: str) -> bool:
    """Whether a dotted name is of something that only developers use."""
    parts = name.split(".")
    return any(".".join(parts[:depth]) in _TOOLS for depth in range(1, min(len(parts), 2) + 1))


def reached(scene: Scene, keeps: Keeps) -> dict[str, str]:
    """Files of all modules that what stays imports, at any level and through any number of others.

    From the app's own code everything counts, and texts that name an installed module; from other modules no tools of
    developers. Grows as ``keeps`` does.
    """
    state = scene.memo.get("python.reach")
    if not isinstance(state, _State):
        state = scene.memo["python.reach"] = _State()
    stdlibs = live_stdlibs(scene, keeps)
    if not stdlibs:
        return state.reached
    natives = tuple(f"{path}/lib-dynload" for path in stdlibs)
    roots = (*own_roots(scene, keeps), *stdlibs, *natives, *live_sites(scene, keeps))
    if roots != state.roots or state.search is None:
        state.roots, state.search = roots, Search(scene, roots)
        state.reached, state.looked = {}, set()
    waiting = [source_of(path) for path, keep in keeps.items() if _may_import(path) and keep.reason != WHOLE]
    _go(scene, state, state.search, [path for path in waiting if path not in state.looked])
    _texts(scene, keeps, state, state.search)
    return state.reached


def _may_import(path: str) -> bool:
    return path.endswith((".py", ".pyc", ".pyw")) or "/bin/" in path or "." not in path.rpartition("/")[2]


def _go(scene: Scene, state: _State, search: Search, waiting: list[str]) -> None:
    while waiting:
        path = waiting.pop()
        if path in state.looked:
            continue
        state.looked.add(path)
        mine = areas(scene).own(path)
        for name in _imports(scene, state, search, path):
            if mine or not is_tool(name):
                waiting += _reach(state, search, name, path)


def _reach(state: _State, search: Search, name: str, because_of: str) -> list[str]:
    fresh = [path for path in search.find(name) if path not in state.reached]
    state.reached.update(dict.fromkeys(fresh, because_of))
    return fresh


def _imports(scene: Scene, state: _State, search: Search, path: str) -> frozenset[str]:
    if path not in state.imports:
        found: frozenset[str] = frozenset()
        if path.endswith((".py", ".pyw")) or _is_script(scene.read(path, 128)):
            found = imports_of(scene.text(path), search.package_of(path))
        state.imports[path] = found
    return state.imports[path]


def _is_script(start: bytes) -> bool:
    return start.startswith(b"#!") and b"python" in start.partition(b"\n")[0]


def _texts(scene: Scene, keeps: Keeps, state: _State, search: Search) -> None:
    """Follow modules that the app's own sources, its settings and its command name as texts."""
    waiting: list[str] = []
    for because_of, literal in _literals(scene, keeps, state):
        for name in module_names(literal):
            means = search.reaches(name) if "." in name else _is_installed(scene, search, name)
            if means and not is_tool(name):
                waiting += _reach(state, search, name, because_of)
    _go(scene, state, search, waiting)


def _is_installed(scene: Scene, search: Search, name: str) -> bool:
    """Whether a plain word is a package of a site: anything else is too likely to be only a word."""
    sites = areas(scene).python_sites
    return any(parent_of(parent_of(path)) in sites for path in search.find(name) if path.endswith("/__init__.py"))


def _literals(scene: Scene, keeps: Keeps, state: _State) -> Iterator[tuple[str, str]]:
    mark = "texts of "
    if mark not in state.looked:
        state.looked.add(mark)
        for word in _configured(scene):
            yield "config", word
    for path in [path for path in (*keeps, *state.reached) if path.endswith((".py", *_SETTINGS))]:
        if mark + path in state.looked or not areas(scene).own(path):
            continue
        state.looked.add(mark + path)
        if path.endswith(".py"):
            literals = literals_of(scene.text(path))
        else:
            entry = scene.tree[path]
            words = scene.text(path) if entry.size <= _LARGEST_SETTINGS else ""
            literals = frozenset(words.replace('"', " ").replace("'", " ").replace("=", " ").replace(",", " ").split())
        for literal in literals:
            yield path, literal


def _configured(scene: Scene) -> Iterator[str]:
    words = [*(scene.config.get("Entrypoint") or ()), *(scene.config.get("Cmd") or ()), *scene.env.values()]
    for word in words:
        yield from str(word).replace(",", " ").split()


def imported(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """The family of modules that can be reached."""
    for path, because_of in reached(scene, keeps).items():
        if path not in keeps:
            yield Keep(path, IMPORT, because_of)
