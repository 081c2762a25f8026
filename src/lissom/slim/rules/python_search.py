"""Where Python finds modules in a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import Kind, parent_of
from lissom.slim.areas import areas

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["Search", "live_sites", "live_stdlibs", "own_roots", "source_of"]

_MOST_PTH = 64 << 10


def source_of(path: str) -> str:
    """The source that a file of byte code in ``__pycache__`` was made of; any other path as it is."""
    directory, _, name = path.rpartition("/")
    if name.endswith(".pyc") and directory.endswith("__pycache__"):
        return f"{parent_of(directory)}/{name.partition('.')[0]}.py".lstrip("/")
    return path


def _live(scene: Scene, keeps: Keeps, directories: Iterable[str]) -> tuple[str, ...]:
    """Those of ``directories`` that were asked for, or hold a file that stays."""
    wanted = {path for path in directories if path not in scene.touched}
    used: set[str] = set()
    if wanted:
        for path in keeps:
            above = parent_of(path)
            while above:
                if above in wanted:
                    used.add(above)
                above = parent_of(above)
    return tuple(path for path in directories if path not in wanted or path in used)


def live_stdlibs(scene: Scene, keeps: Keeps) -> tuple[str, ...]:
    """Standard libraries in use: modules that start-up imports were read."""
    stdlibs = areas(scene).python_stdlibs
    return tuple(
        path for path in stdlibs if any(f"{path}/{name}" in keeps for name in ("os.py", "encodings/__init__.py"))
    )


def live_sites(scene: Scene, keeps: Keeps) -> tuple[str, ...]:
    """Directories of installed distributions that a running Python looked into."""
    return _live(scene, keeps, areas(scene).python_sites)


def own_roots(scene: Scene, keeps: Keeps) -> tuple[str, ...]:
    """Directories that the app's own modules are imported from."""
    found = dict.fromkeys(scene.resolve(word) for word in scene.env.get("PYTHONPATH", "").split(":") if word.strip("/"))
    workdir = str(scene.config.get("WorkingDir") or "").strip("/")
    if workdir and scene.is_directory(workdir):
        found[scene.resolve(workdir)] = None
    mine = areas(scene)
    for path in keeps:
        if path.endswith((".py", ".pyc")) and mine.own(source_of(path)):
            directory = parent_of(source_of(path))
            while directory and f"{directory}/__init__.py" in scene.tree:
                directory = parent_of(directory)
            found[directory] = None
    for site in live_sites(scene, keeps):
        found.update(dict.fromkeys(_added(scene, site)))
    return tuple(found)


def _added(scene: Scene, site: str) -> Iterator[str]:
    """Directories that ``.pth`` and ``.egg-link`` files of a site add to what is searched."""
    for path in scene.children(site):
        if path.endswith((".pth", ".egg-link")):
            for line in scene.read(path, _MOST_PTH).decode(errors="replace").splitlines():
                if line.strip() and not line.startswith(("#", "import ", "import\t")):
                    target = line.strip()
                    place = scene.resolve(target if target.startswith("/") else f"{site}/{target}")
                    if place and scene.is_directory(place):
                        yield place


class Search:
    """Finds the files of modules below ``roots``; all that match, as several Pythons may be in an image."""

    def __init__(self, scene: Scene, roots: Iterable[str]) -> None:
        self.roots = tuple(dict.fromkeys(roots))
        self._tree = scene.tree
        self._natives: dict[str, dict[str, list[str]]] = {}
        self._known: dict[str, tuple[str, ...]] = {}

    def find(self, name: str) -> tuple[str, ...]:
        """Files of the module ``name`` and of the packages above it, as far down as there is something."""
        if name not in self._known:
            parts = name.split(".")
            found = [path for root in self.roots for path in self._find_below(root, parts)]
            self._known[name] = tuple(dict.fromkeys(found))
        return self._known[name]

    def reaches(self, name: str) -> bool:
        """Whether ``name`` or the module or package right above it is there: the last part may be a class."""
        parts = name.split(".")
        return any(self._depth(root, parts) >= max(len(parts) - 1, 1) for root in self.roots)

    def package_of(self, path: str) -> str:
        """The dotted name of the package that a module's file is in, by the innermost root."""
        best = max((root for root in self.roots if path.startswith(f"{root}/") or not root), key=len, default=None)
        if best is None:
            return ""
        relative = path[len(best) + 1 :] if best else path
        return parent_of(relative).replace("/", ".")

    def _depth(self, root: str, parts: list[str]) -> int:
        place, depth = root, 0
        for part in parts:
            here = f"{place}/{part}" if place else part
            if not self._files_of(here) and not self._is_directory(here):
                break
            depth += 1
            place = here
        return depth if depth and self._find_below(root, parts) else 0

    def _find_below(self, root: str, parts: list[str]) -> list[str]:
        found: list[str] = []
        place = root
        for part in parts:
            place = f"{place}/{part}" if place else part
            files = self._files_of(place)
            found += files
            if not files and not self._is_directory(place):
                break
        return found

    def _files_of(self, place: str) -> list[str]:
        package, module = f"{place}/__init__.py", f"{place}.py"
        found = [path for path in (package, module, f"{place}.pyc") if path in self._tree]
        if not found:
            found = self._native(place)
        return found

    def _is_directory(self, path: str) -> bool:
        entry = self._tree.get(path)
        return entry is not None and entry.is_directory

    def _native(self, place: str) -> list[str]:
        directory, _, name = place.rpartition("/")
        if directory not in self._natives:
            index: dict[str, list[str]] = {}
            for path in self._tree.children(directory):
                if path.endswith(".so") and self._tree[path].kind in (Kind.FILE, Kind.SYMLINK):
                    index.setdefault(path.rpartition("/")[2].partition(".")[0], []).append(path)
            self._natives[directory] = index
        return self._natives[directory].get(name, [])
