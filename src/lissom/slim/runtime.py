"""A Java runtime of just the modules that an app needs, to take the place of the JDK that the image has: its plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lissom.rootfs.entry import Kind
from lissom.slim.closure import ASKED
from lissom.slim.java_home import Module, java_homes, read_modules
from lissom.slim.java_modules import Family, choose, left_out
from lissom.slim.java_names import ARCHIVES, names_in
from lissom.slim.keep import Keep
from lissom.slim.scene import Level, Scene

__all__ = ["Runtime", "homes_of", "plan_runtime", "runtime_of"]

_NEVER = re.compile(r"-Xshare:on|SharedArchiveFile|--patch-module|--upgrade-module-path|-XX:\+EnableJVMCI")
_UNUSED = frozenset({"classlist", "jexec"})
"""What only making an archive of classes, and only a kernel that runs jar files, reads."""

_SCREEN = ("libawt_xawt.so", "libjawt.so", "libsplashscreen.so")
"""What needs a screen: it stays when it was seen used."""

_CODE = (*ARCHIVES, ".class", ".jsp", ".properties", ".sh", ".xml")
"""What is read of packages of the system: their documents speak of much that nothing uses."""

_IN_PASSING = frozenset({"kin", "package", "same file"})
"""Reasons for which a program stays without anybody having asked for it: it needs no module of its own."""

_PASSED_BY = re.compile(r"etc/java[^/]*/|usr/share/(?:doc|man)/|var/lib/(?:dpkg|apt)/|lib/apk/")


@dataclass(frozen=True)
class Runtime:
    """What to make: the JDK's home in the tree, each module with its reason, what goes from within modules."""

    home: str
    version: int
    modules: Mapping[str, str]
    without: tuple[Family, ...] = ()
    patterns: tuple[str, ...] = ()
    """What goes, as patterns of jlink's ``--exclude-resources``."""

    commands: frozenset[str] = frozenset({"java"})
    """Programs of the JDK that stay, when a module brings them."""

    libraries: frozenset[str] = frozenset()
    """Files below the home's ``lib`` that the modules bring."""


def homes_of(scene: Scene) -> tuple[str, ...]:
    """The Java homes of the scene's tree, found once."""
    found: tuple[str, ...] | None = scene.memo.get("java.homes")
    if found is None:
        found = scene.memo["java.homes"] = java_homes(scene.tree)
    return found


def plan_runtime(scene: Scene, kept: Mapping[str, Keep], *, generous: bool | None = None) -> Runtime | None:
    """The runtime for what ``kept`` paths name; None where no JDK with its jmod files stays, or nobody can tell, or the
    user wants more of its home.

    ``generous`` keeps what is reached without being named; the default is to do so but at the level ``strict``.
    """
    for home in homes_of(scene):
        runtime = runtime_of(scene, kept, home, generous=generous)
        if runtime is not None and not any(
            keep.reason == ASKED and keep.path.startswith(f"{home}/") for keep in kept.values()
        ):
            return runtime
    return None


def runtime_of(scene: Scene, kept: Mapping[str, Keep], home: str, *, generous: bool | None = None) -> Runtime | None:
    """The same for the JDK in ``home``."""
    if f"{home}/lib/server/libjvm.so" not in kept or not scene.is_file(f"{home}/bin/jlink"):
        return None
    modules = _modules(scene, home)
    names = names_in(scene, _looked_at(scene, kept))
    options = _options(scene)
    if "java.base" not in modules or not names.complete or _NEVER.search(options):
        return None
    wanted = scene.level is not Level.STRICT if generous is None else generous
    commands = {path.removeprefix(f"{home}/bin/"): kept[path] for path in kept if path.startswith(f"{home}/bin/")}
    run = [
        command for command, keep in commands.items() if keep.path in scene.touched or keep.reason not in _IN_PASSING
    ]
    chosen = choose(modules, names, options=options, commands=run, generous=wanted)
    families = () if scene.level is Level.PACKAGE else left_out(chosen, names)
    return Runtime(
        home,
        _version(scene, home),
        chosen,
        families,
        tuple(pattern for family in families for pattern in _patterns(family, modules[family.module])),
        frozenset({"java", *commands}),
        _libraries(chosen, families, modules) - {name for name in _SCREEN if f"{home}/lib/{name}" not in kept},
    )


def _looked_at(scene: Scene, kept: Iterable[str]) -> Iterator[str]:
    """Kept paths but Java's own, those that its home links to, and what only tells of packages."""
    homes = homes_of(scene)
    known: frozenset[str] | None = scene.memo.get("java.settings")
    if known is None:
        links = (entry for home in homes for entry in scene.tree.below(home) if entry.kind is Kind.SYMLINK)
        known = scene.memo["java.settings"] = frozenset(scene.resolve(entry.path) for entry in links)
    below = tuple(f"{home}/" for home in homes)
    for path in kept:
        if path.startswith(below) or path in known or _PASSED_BY.match(path):
            continue
        if path.lower().endswith(_CODE) or scene.owner(path) is None:
            yield path


def _modules(scene: Scene, home: str) -> dict[str, Module]:
    found: dict[str, Module] = scene.memo.setdefault(f"java.modules.{home}", {})
    if not found:
        found.update(read_modules(scene.tree, home))
    return found


def _options(scene: Scene) -> str:
    """The words of the config that may hold a JVM's options."""
    health = scene.config.get("Healthcheck")
    test = health.get("Test") if isinstance(health, Mapping) else None
    words = [*scene.env, *scene.env.values()]
    for value in (scene.config.get("Entrypoint"), scene.config.get("Cmd"), test):
        words += [str(word) for word in value] if isinstance(value, list) else []
    return " ".join(words)


def _version(scene: Scene, home: str) -> int:
    found = re.search(r'^JAVA_VERSION="(\d+)', scene.text(f"{home}/release"), re.MULTILINE)
    return int(found[1]) if found and len(found[1]) < 4 else 11


def _patterns(family: Family, module: Module) -> Iterator[str]:
    """One class of each package stays, since jlink wants exported packages to be there, and the family's core."""
    for package in family.packages:
        below = {p: name for p, name in module.packages.items() if p == package or p.startswith(f"{package}.")}
        stays = {f"{place}/{name}"[len(package) + 1 :] for p, name in below.items() if (place := p.replace(".", "/"))}
        core = "|".join(map(re.escape, family.core))
        kept = "|".join([*map(re.escape, sorted(stays)), *([rf"(.*/)?({core})(\$.*)?\.class"] if core else [])])
        place = re.escape(package.replace(".", "/"))
        if below:
            yield rf"regex:/{re.escape(family.module)}/{place}/(?!({kept})$).*"
    for classes in family.classes:
        yield rf"regex:/{re.escape(family.module)}/{classes}"


def _libraries(chosen: Mapping[str, str], without: Sequence[Family], modules: Mapping[str, Module]) -> frozenset[str]:
    gone = {library for family in without for library in family.libraries}
    return frozenset(path for name in chosen for path in modules[name].libraries) - gone - _UNUSED
