"""Scenes of slims for tests: files, Debian packages in dpkg's own records, what was seen, and what stays for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lissom.sandbox.watch import Sighting
from lissom.slim.closure import closure
from lissom.slim.rule import Rule
from lissom.slim.scene import Level, Scene
from lissom.slim.touched import touched
from rule_scenes import tree_of

PROGRAM = "/bin/app"


def seen(*paths: str, kind: str = "open", program: str = PROGRAM) -> list[Sighting]:
    """Paths that one program asked for in one way."""
    return [Sighting(kind, path if path.startswith("/") else f"/{path}", program) for path in paths]


def debs(packages: Mapping[str, Sequence[str]], depends: Mapping[str, str] | None = None) -> dict[str, str]:
    """dpkg's records of packages: a path that ends in / is a directory of the package."""
    status = []
    files = {}
    for name, paths in packages.items():
        need = f"Depends: {depends[name]}\n" if depends and name in depends else ""
        status.append(f"Package: {name}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n{need}")
        lines: dict[str, None] = {"/.": None}
        for path in paths:
            parts = path.strip("/").split("/")
            lines.update((f"/{'/'.join(parts[:length])}", None) for length in range(1, len(parts) + 1))
        files[f"var/lib/dpkg/info/{name}.list"] = "".join(f"{line}\n" for line in lines)
    return {"var/lib/dpkg/status": "\n".join(status), **files}


def a_scene(
    files: Mapping[str, str | bytes],
    *,
    sightings: Iterable[Sighting] = (),
    programs: Iterable[str] = (),
    level: Level = Level.FILE,
    **config: object,
) -> Scene:
    """What rules look at. ``files`` are as ``tree_of`` takes them, ``programs`` are those that can be executed."""
    tree = tree_of(files, programs)
    found = touched(tree, sightings)
    return Scene(tree, config, tuple(sightings), level, found.paths, found.listed)


def stays(scene: Scene, *rules: Rule, **wishes: Sequence[str]) -> dict[str, str]:
    """Files that stay, with the reason for each."""
    keeps = closure(scene, rules, **wishes)
    return {path: keep.reason for path, keep in keeps.items() if not scene.tree[path].is_directory}


def directories(scene: Scene, *rules: Rule) -> set[str]:
    """Directories that stay."""
    return {path for path in closure(scene, rules) if scene.tree[path].is_directory}
