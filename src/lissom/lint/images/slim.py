"""Images that hold more than an app needs to run, and the smaller ones that run the same app."""

from __future__ import annotations

import re

from lissom.lint.subject import Base

__all__ = ["ships_compiler", "slimmer"]

_WITH_SLIM = frozenset(("node", "python", "ruby", "perl", "debian", "pypy", "erlang", "elixir", "haskell", "swift"))
_SMALL = re.compile(
    r"slim|alpine|busybox|distroless|minimal|micro|headless|nanoserver|-jre|jre-|^jre|runtime|-lite|tiny"
)
_COMPILERS = {
    "golang": "debian:bookworm-slim or a distroless image",
    "rust": "debian:bookworm-slim",
    "gcc": "debian:bookworm-slim",
    "haskell": "debian:bookworm-slim",
    "maven": "eclipse-temurin with -jre",
    "gradle": "eclipse-temurin with -jre",
    "buildpack-deps": "debian:bookworm-slim",
    "mcr.microsoft.com/dotnet/sdk": "mcr.microsoft.com/dotnet/aspnet",
    "mcr.microsoft.com/dotnet/core/sdk": "mcr.microsoft.com/dotnet/core/aspnet",
    "clojure": "eclipse-temurin with -jre",
    "sbtscala/scala-sbt": "eclipse-temurin with -jre",
    "dart": "debian:bookworm-slim",
    "emscripten/emsdk": "nginx",
    "composer": "php",
}
_VARIANTS = (("nvidia/cuda", "devel", "runtime"), ("pytorch/pytorch", "devel", "runtime"), ("tomcat", "-jdk", "-jre"))
_JDK_ONLY = ("corretto", "al2", "al2023", "openjdk")
_JDK = {
    "eclipse-temurin": "eclipse-temurin",
    "openjdk": "eclipse-temurin",
    "ibm-semeru-runtimes": "ibm-semeru-runtimes",
    "sapmachine": "sapmachine",
}


def ships_compiler(base: Base) -> str:
    """What would run what was built there, for images that are there to build; empty for other images."""
    if base.name == "tomcat" and re.fullmatch(r"[0-9.]*|latest", base.tag):
        return "tomcat with -jre"
    return _COMPILERS.get(base.name, "")


def slimmer(base: Base) -> str:
    """An image by name that runs the same with less; empty when none is known, or it is slim already."""
    tag = base.tag
    if base.name in _JDK and base.image is not None and base.family != "windows":
        return _runtime(base.name, tag)
    if _SMALL.search(tag) or base.image is None or base.family in ("alpine", "windows", "distroless", "scratch"):
        return ""
    if base.name in _WITH_SLIM:
        return f"{base.name}:{_with_slim(base.name, tag)}"
    return _other(base.name, tag)


def _other(name: str, tag: str) -> str:
    if name == "continuumio/anaconda3":
        return "continuumio/miniconda3"
    for named, full, small in _VARIANTS:
        if name == named and full in tag and not tag.endswith(_JDK_ONLY):
            return f"{name}:{tag.replace(full, small)}"
    return _corretto(tag) if name == "amazoncorretto" else ""


def _corretto(tag: str) -> str:
    """Up to 21 a plain version stands on Amazon Linux 2, and only images of Amazon Linux 2023 come with less."""
    match = re.fullmatch(r"([0-9]+)(-al2023)?(-jdk)?", tag)
    if not match:
        return ""
    system = "-al2023" if match[2] or int(match[1]) < 22 else ""
    return f"amazoncorretto:{match[1]}{system}-{'jre' if match[1] == '8' else 'headless'}"


def _with_slim(name: str, tag: str) -> str:
    if not tag or tag == "latest":
        return {"debian": "stable-slim"}.get(name, "slim")
    return f"{tag}-slim"


def _runtime(name: str, tag: str) -> str:
    version = re.match(r"[0-9]+", tag)
    if not version or re.search(r"jre|headless|nanoserver|windows", tag):
        return ""
    plain = f"{_JDK[name]}:{version[0]}-jre{'-alpine' if 'alpine' in tag else ''}"
    if name == "openjdk":
        return plain if version[0] in ("8", "11", "17", "21") else ""
    return f"{_JDK[name]}:{tag.replace('-jdk', '-jre')}" if "-jdk" in tag else plain
