"""Java: what a runtime needs of its own home, and which jars, classes and web applications belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import Kind, parent_of
from lissom.slim.java_class import class_name
from lissom.slim.java_manifest import class_path
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.mention_paths import MANUALS
from lissom.slim.runtime import homes_of, runtime_of

if TYPE_CHECKING:
    from lissom.slim.scene import Scene

__all__ = ["RULES"]

_OWN = (
    "bin/java", "release", "lib/modules", "lib/jvm.cfg", "lib/jspawnhelper", "lib/tzdb.dat", "lib/jrt-fs.jar",
    "lib/psfontj2d.properties", "lib/psfont.properties.ja", "lib/fontconfig.bfc", "lib/fontconfig.properties",
    "lib/server/libjvm.so", "lib/server/libjsig.so",
)  # fmt: skip
_SETTINGS = ("conf", "lib/security", "lib/management")
_IDLE = frozenset((
    "libawt_xawt.so", "libjawt.so", "libsplashscreen.so", "libjsound.so", "libj2pcsc.so", "libj2pkcs11.so",
    "libsaproc.so", "libjdwp.so", "libdt_socket.so", "libattach.so",
))  # fmt: skip
"""Of a runtime that cannot be taken apart: libraries for a screen, a sound card, a card reader and for debugging."""

_POOLS = ("usr/share/java", "usr/share/maven-repo", "usr/lib/jni")
"""Where packages of the system put all jars: which of them one needs, links and Class-Path say."""

_BROAD = frozenset(("", "etc", "home", "opt", "root", "srv", "tmp", "usr", "usr/lib", "usr/local", "usr/share", "var"))
_WEB_INF = re.compile(r"(?:^|/)(?:WEB-INF|BOOT-INF)(?:/|$)")
_SERVER = ("bin", "conf", "lib")
_WRITTEN = ("logs", "temp", "work", "webapps")


def _runtime(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    for home in homes_of(scene):
        mark = f"{home}/lib/server/libjvm.so"
        if mark not in keeps:
            continue
        for name in (*_OWN, *(f"lib/{name}" for name in _libraries(scene, keeps, home))):
            yield Keep(f"{home}/{name}", "java-runtime", mark)
        for place in _SETTINGS:
            for entry in scene.below(f"{home}/{place}"):
                yield Keep(entry.path, "java-runtime", mark)


def _libraries(scene: Scene, keeps: Keeps, home: str) -> Iterator[str]:
    """Libraries of the modules that the app needs; where nobody can tell which those are, all that a server can need.

    What draws text asks for fontconfig by name.
    """
    runtime = runtime_of(scene, keeps, home)
    for path in scene.children(f"{home}/lib"):
        name = path.rpartition("/")[2]
        if ".so" in name and (name in runtime.libraries if runtime is not None else name not in _IDLE):
            yield name


def _old_runtime(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """A runtime older than modules: all of its library."""
    if keep.path.endswith("lib/rt.jar"):
        for entry in scene.below(parent_of(keep.path)):
            yield Keep(entry.path, "java-runtime", keep.path)


def _jar(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """The jars beside a jar, and those that its manifest names."""
    if not keep.path.lower().endswith(".jar") or scene.tree[keep.path].is_directory:
        return
    directory = parent_of(keep.path)
    entry = scene.get(keep.path)
    if keep.path.startswith(tuple(f"{home}/" for home in homes_of(scene))):
        return
    if entry is not None and entry.kind is Kind.FILE and entry.content is not None:
        for name in class_path(entry.content, entry.size):
            yield Keep(
                name.lstrip("/") if name.startswith("/") else f"{directory}/{name}", "java-class-path", keep.path
            )
    if directory.startswith(_POOLS) or directory in _BROAD:
        return
    for path in scene.children(directory):
        if path.lower().endswith((".jar", ".so", ".jnilib")):
            yield Keep(path, "java-library", keep.path)


def _classes(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """Everything below the directory that a class was found in: its other classes, services and resources."""
    if not keep.path.endswith(".class"):
        return
    name = class_name(scene.read(keep.path, 1 << 20))
    if not name or not keep.path.endswith(f"/{name}.class"):
        return
    root = keep.path.removesuffix(f"/{name}.class")
    done: set[str] = scene.memo.setdefault("java.roots", set())
    if root in _BROAD or root in done:
        return
    done.add(root)
    for entry in scene.below(root):
        yield Keep(entry.path, "java-classes", keep.path)


def _webapp(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """The whole of an unpacked web application or Spring Boot program of which something was used."""
    found = _WEB_INF.search(keep.path)
    root = keep.path[: found.start()] if found else ""
    done: set[str] = scene.memo.setdefault("java.webapps", set())
    if root in _BROAD or root in done:
        return
    done.add(root)
    owner = scene.owner(keep.path)
    if owner is not None and owner.name.endswith(MANUALS):
        return
    for entry in scene.below(root):
        yield Keep(entry.path, "java-webapp", keep.path)


def _server(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Tomcat's own settings, programs, jars and empty directories; web applications where one was deployed."""
    for home in _servers(keeps):
        for place in _SERVER:
            for path in _plain(scene, f"{home}/{place}", deep=place != "bin"):
                if not path.endswith((".bat", ".exe", ".tar.gz")):
                    yield Keep(path, "tomcat", home)
        for place in _WRITTEN:
            yield Keep(f"{home}/{place}", "tomcat", home)
        for app in scene.children(f"{home}/webapps"):
            if app in scene.touched or scene.resolve(app) in scene.touched:
                yield Keep(app, "java-webapp", home)
                for entry in scene.below(app):
                    yield Keep(entry.path, "java-webapp", app)


def _servers(keeps: Keeps) -> list[str]:
    """Homes and bases of Tomcat of which a file stays."""
    marks = ("bin/bootstrap.jar", "lib/catalina.jar", "conf/server.xml")
    found = {
        keep.path.removesuffix(mark).rstrip("/")
        for keep in keeps.values()
        for mark in marks
        if keep.path.endswith(f"/{mark}")
    }
    return sorted(found - {""})


def _plain(scene: Scene, directory: str, *, deep: bool) -> Iterator[str]:
    for path in scene.children(directory):
        yield path
        if deep and path in scene.tree and scene.tree[path].is_directory:
            yield from _plain(scene, path, deep=True)


RULES = (
    Rule(
        "java-runtime",
        "A part of the Java runtime that its modules or its start need.",
        _old_runtime,
        _runtime,
        strict=True,
    ),
    Rule("java-library", "A jar beside a jar that is used, or one that a manifest names.", _jar),
    Rule("java-classes", "A class or resource beside a class that is used.", _classes),
    Rule("java-webapp", "A part of a web application that is used.", _webapp),
    Rule("tomcat", "A part of the server that runs web applications.", family=_server),
)
