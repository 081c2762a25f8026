"""Java: a jar or classes that javac, Maven or Gradle make, on a runtime that jlink cuts out of the JDK."""

from __future__ import annotations

import re
from itertools import pairwise

from lissom.lint.effects.paths import joined
from lissom.lint.stages.app import app_places
from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import ROOT, Doubt, Recipe
from lissom.lint.stages.runtimes import FULL, debian_slim

__all__ = ["JAVA_HOME", "LINKED", "pictures", "recognise"]

JAVA_HOME = "/opt/java"
_TOOLS = frozenset(("javac", "jar", "java", "jlink", "jdeps", "mvn", "mvnw", "gradle", "gradlew", "keytool", "ant"))
_BUILDS = ("javac", "mvn", "mvnw", "gradle", "gradlew", "ant", "jar")
_MODULES = (
    *("java.se", "jdk.charsets", "jdk.crypto.ec", "jdk.httpserver", "jdk.localedata", "jdk.management", "jdk.net"),
    *("jdk.naming.dns", "jdk.security.auth", "jdk.unsupported", "jdk.zipfs"),
)
LINKED = (
    "RUN jlink --no-header-files --no-man-pages --compress=2 \\\n"
    f"      --add-modules {','.join(_MODULES[:6])},\\\n{','.join(_MODULES[6:])} \\\n"
    f"      --output {ROOT}{JAVA_HOME} \\\n"
    f' && cp -L "$JAVA_HOME/lib/security/cacerts" {ROOT}{JAVA_HOME}/lib/security/'
)
"""All modules that an app can ask for, but those of the compiler and the tools; certificates as the image has them."""

_PICTURES = ("fontconfig", "libfreetype6", "libharfbuzz0b", "libjpeg62-turbo", "liblcms2-2", "libpng16-16")
_DRAWING = re.compile(rb"\bjava\.awt\b|\bjavax\.(?:swing|imageio|print)\b|jasperreports|\bpdfbox\b|\bapache\.poi\b")
_LINKS_FROM = 9
_JDKS = ("openjdk", "eclipse-temurin", "maven", "gradle")


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for a program that an image with a JDK builds and starts."""
    base = reading.stage.base
    name = base.name.rpartition("/")[2]
    if base.language != "java" or name not in _JDKS or not reading.calls(*_BUILDS) or "alpine" in base.tag:
        return None
    version = _version(name, base.tag)
    image = reading.stage.stage.from_.image_span
    if version is None:
        raise Doubt(image, f"which Java `{base.image}` holds cannot be told")
    if version < _LINKS_FROM:
        raise Doubt(image, f"jlink cannot cut a runtime out of Java {version}")
    start = reading.start
    words = start.words
    where = (start.cmd or start.entrypoint or reading.stage.stage.from_).span
    if not words or words[0].rpartition("/")[2] != "java":
        raise Doubt(where, "it does not start java itself")
    carried = _carried(reading, words)
    sources = app_places(reading)
    return Recipe(
        "Java",
        debian_slim("bookworm"),
        "bookworm",
        _TOOLS,
        (*FULL, *pictures(reading)),
        sources=(*sources, "/root/.m2", "/root/.gradle"),
        rooted=(JAVA_HOME,),
        carried=carried,
        after=(LINKED,),
        env=(("JAVA_HOME", JAVA_HOME), ("PATH", f"{JAVA_HOME}/bin:$PATH"), ("LANG", "C.UTF-8")),
    )


def pictures(reading: Reading) -> tuple[str, ...]:
    """What drawing needs of the system, if the app draws or installs fonts."""
    fonts = any(package.startswith(("fonts-", "fontconfig", "libfreetype")) for package in reading.packages)
    files = reading.seen((".java", ".kt", ".xml", ".gradle", ".kts"))
    return _PICTURES if fonts or any(_DRAWING.search(data) for _, data in files) else ()


def _carried(reading: Reading, words: tuple[str, ...]) -> tuple[str, ...]:
    """The files that `java` is told to run."""
    where = (reading.start.cmd or reading.start.entrypoint or reading.stage.stage.from_).span
    found: list[str] = []
    for option, value in pairwise(words):
        if option in ("-jar", "-cp", "-classpath", "--class-path", "-p", "--module-path"):
            found += value.split(":")
        elif option.startswith("-javaagent:"):
            found.append(option.removeprefix("-javaagent:").partition("=")[0])
    if not found and any(not word.startswith(("-", "@")) for word in words[1:]):
        found.append(".")
    if not found:
        raise Doubt(where, "which jar or classes it starts cannot be told")
    paths = []
    for one in found:
        path = joined(reading.workdir, one.removesuffix("/*"))
        if "${" in path or path == "/" or any(char in path for char in "*?["):
            raise Doubt(where, f"where `{one}` lies cannot be told")
        paths.append(path)
    return tuple(dict.fromkeys(paths))


def _version(name: str, tag: str) -> int | None:
    """The version of Java that a tag tells."""
    pattern = r"^(\d+)" if name in ("openjdk", "eclipse-temurin") else r"(?:jdk-?|temurin-|openjdk-|jre-?)(\d+)"
    found = re.search(pattern, tag)
    return int(found[1]) if found and len(found[1]) < 3 else None
