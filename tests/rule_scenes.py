"""Small scenes for tests of slimming rules: a tree of texts, what was touched, and what the rules then keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace

from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.scene import Level, Scene


def tree_of(files: Mapping[str, str | bytes], programs: Iterable[str] = ()) -> Tree:
    """A tree of path to content; ``-> TARGET`` is a link, a path that ends in / an empty directory."""
    executable = set(programs)
    entries: dict[str, Entry] = {}
    for name, content in files.items():
        path = name.rstrip("/")
        above = path if name.endswith("/") else parent_of(path)
        while above:
            entries.setdefault(above, Entry(above, Kind.DIRECTORY, 0o755))
            above = parent_of(above)
        if name.endswith("/"):
            continue
        if isinstance(content, str) and content.startswith("-> "):
            entries[path] = Entry(path, Kind.SYMLINK, 0o777, link=content[3:])
            continue
        data = content.encode() if isinstance(content, str) else content
        mode = 0o755 if path in executable or "/bin/" in f"/{path}" else 0o644
        entries[path] = Entry(path, Kind.FILE, mode, size=len(data), content=Inline(data))
    return Tree(entries)


class FakePackages:
    """What rules ask of the packages, from ``packages`` with kind, name, version, files, requires, root, records."""

    def __init__(self, packages: Iterable[SimpleNamespace] = ()) -> None:
        self.all = tuple(packages)

    def owner(self, path):
        return next((p for p in self.all if p.kind in ("deb", "apk") and path in p.files), None)

    def language_owner(self, path):
        return next((p for p in self.all if p.kind not in ("deb", "apk") and path in p.files), None)

    def named(self, kind, name):
        return tuple(p for p in self.all if p.kind == kind and p.name == name)


def a_package(kind, name, files, *, requires=(), root="", records=(), version="1"):
    return SimpleNamespace(
        kind=kind,
        name=name,
        version=version,
        files=frozenset(files) | frozenset(records),
        requires=tuple(requires),
        root=root,
        records=frozenset(records),
    )


def scene_of(
    files: Mapping[str, str | bytes],
    touched: Iterable[str] = (),
    packages: Iterable[SimpleNamespace] | None = None,
    level: Level = Level.FILE,
    **config,
) -> Scene:
    """A scene; without ``packages`` they are read from the tree, as in earnest."""
    scene = Scene(tree_of(files), config, (), level, dict.fromkeys(touched))
    if packages is not None:
        scene.__dict__["packages"] = FakePackages(packages)
    return scene


def kept(scene: Scene, *rules: Rule) -> dict[str, str]:
    """Files that stay, with the rule that keeps each, when all of ``touched`` was traced."""
    keeps = Keeps(scene.tree)
    for path in scene.touched:
        assert keeps.add(Keep(path, "traced")), path
    while True:
        before = len(keeps)
        for keep in keeps.take():
            for rule in rules:
                for more in rule.follow(scene, keep) if rule.follow else ():
                    keeps.add(more)
        for rule in rules:
            for more in list(rule.family(scene, keeps)) if rule.family else ():
                keeps.add(more)
        if len(keeps) == before:
            return {path: keep.reason for path, keep in keeps.items() if not scene.tree[path].is_directory}
