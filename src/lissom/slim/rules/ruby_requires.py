"""Which Ruby files can be reached from what runs: by require, load and autoload, wherever in a source they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lissom.rootfs.entry import parent_of
from lissom.slim.areas import areas
from lissom.slim.keep import Keep

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["REQUIRE", "WHOLE", "live_rubies", "required", "requires_of"]

REQUIRE = "ruby-require"
WHOLE = "ruby-stdlib"
"""What is kept under this name was not seen to be used, so what it requires is not followed."""

_CALL = re.compile(
    r"\b(require_relative|require|load|autoload)\b[ \t(]*(?::?['\"]?\w+['\"]?[ \t]*,[ \t]*)?['\"]([\w./+-]+)['\"]"
)
_TOOLS = re.compile(
    r"^(?:rdoc|irb|bundler|minitest|test|rspec|debug|pry|byebug|rake|rbs|typeprof|mkmf|reline|readline|simplecov|rubocop"
    r"|yard|solargraph|ripper|racc|coverage|ruby-prof|rubygems|rdbg|power_assert|sorbet\w*|tapioca)(?:/|$)"
)
"""What libraries require for those who develop; an app that means them requires them itself."""

_INSTALLERS = ("/rubygems/", "/bundler/")


def requires_of(text: str) -> frozenset[tuple[bool, str]]:
    """What a source requires, as it is written, each with whether it is relative to the source."""
    return frozenset((match[1] == "require_relative", match[2]) for match in _CALL.finditer(text))


def live_rubies(scene: Scene, keeps: Keeps) -> tuple[str, ...]:
    """Directories of Ruby's library of which a file was used."""
    places = areas(scene).rubies
    used: set[str] = set()
    for path, keep in keeps.items():
        if "ruby/" in path and keep.reason != WHOLE and not scene.tree[path].is_directory:
            used.update(place for place in places if path.startswith(f"{place}/"))
    if not used:
        return ()
    versions = {place.rpartition("/")[2] for place in used}
    return tuple(place for place in places if place in used or place.rpartition("/")[2] in versions)


@dataclass
class _State:
    roots: tuple[str, ...] = ()
    gems: tuple[str, ...] = ()
    reached: dict[str, str] = field(default_factory=dict)
    looked: set[str] = field(default_factory=set)
    known: dict[str, list[str]] = field(default_factory=dict)


def required(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """The family of all that can be reached; from libraries no tools of developers."""
    state = scene.memo.get("ruby.reach")
    if not isinstance(state, _State):
        state = scene.memo["ruby.reach"] = _State()
    live = live_rubies(scene, keeps)
    if not live:
        return
    roots = tuple(_with_architectures(scene, live))
    if roots != state.roots:
        state.roots, state.gems = roots, tuple(root for root in _gem_roots(scene) if root in scene.tree)
        state.reached, state.looked, state.known = {}, set(), {}
    waiting = [path for path, keep in keeps.items() if keep.reason != WHOLE and path not in state.looked]
    _go(scene, state, [path for path in waiting if _is_source(scene, path)])
    for path, because_of in state.reached.items():
        if path not in keeps:
            yield Keep(path, REQUIRE, because_of)


def _with_architectures(scene: Scene, live: Iterable[str]) -> Iterator[str]:
    """Directories that Ruby searches: those of the library, and below them the ones for one architecture."""
    for place in live:
        yield place
        for path in scene.tree.children(place):
            if scene.tree[path].is_directory and re.search(r"-linux|/\d+\.\d+\.\d+$", path[len(place) :]):
                yield path


def _gem_roots(scene: Scene) -> Iterator[str]:
    """Directories that gems are required from: lib, and where their extensions are."""
    for gem in scene.packages.all:
        if gem.kind == "gem" and gem.root and gem.root not in areas(scene).rubies:
            yield f"{gem.root}/lib"
            home, name = parent_of(parent_of(gem.root)), gem.root.rpartition("/")[2]
            for platform in scene.tree.children(f"{home}/extensions"):
                yield from (f"{version}/{name}" for version in scene.tree.children(platform))


def _is_source(scene: Scene, path: str) -> bool:
    name = path.rpartition("/")[2]
    if name.endswith((".rb", ".ru", ".rake", ".gemspec")) or name in ("Rakefile", "Gemfile"):
        return True
    return "." not in name and b"ruby" in scene.read(path, 80).partition(b"\n")[0]


def _go(scene: Scene, state: _State, waiting: list[str]) -> None:
    while waiting:
        path = waiting.pop()
        if path in state.looked:
            continue
        state.looked.add(path)
        if path.endswith(".so") or (path not in scene.touched and any(part in path for part in _INSTALLERS)):
            continue
        mine = areas(scene).own(path)
        for relative, name in requires_of(scene.text(path)):
            if not mine and not relative and _TOOLS.match(name):
                continue
            for found in _find(scene, state, path, name, relative=relative):
                if found not in state.reached:
                    state.reached[found] = path
                    waiting.append(found)


def _find(scene: Scene, state: _State, path: str, name: str, *, relative: bool) -> list[str]:
    """Files that ``name`` means: of the library the first place that has it, of gems all."""
    if relative or name.startswith("."):
        home = parent_of(path) if relative else str(scene.config.get("WorkingDir") or "").strip("/")
        return _files(scene, scene.resolve(f"{home}/{name}"))
    if name.startswith("/"):
        return _files(scene, scene.resolve(name))
    if name not in state.known:
        first: list[str] = []
        for root in state.roots:
            found = _files(scene, f"{root}/{name}")
            first += [each for each in found if not first or each.endswith(".so")]
        state.known[name] = [*first, *(each for root in state.gems for each in _files(scene, f"{root}/{name}"))]
    return state.known[name]


def _files(scene: Scene, place: str) -> list[str]:
    ends = ("",) if place.endswith((".rb", ".so", ".ru")) else (".rb", ".so")
    return [f"{place}{end}" for end in ends if f"{place}{end}" in scene.tree]
