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
_JDK = {
    "eclipse-temurin": "eclipse-temurin",
    "openjdk": "eclipse-temurin",
    "ibm-semeru-runtimes": "ibm-semeru-runtimes",
    "sapmachine": "sapmachine",
}


def ships_compiler(base: Base) -> str:
    """What would run what was built there, for images that are there to build; empty for other images."""
    return _COMPILERS.get(base.name, "")


def slimmer(base: Base) -> str:
    """An image by name that runs the same with less; empty when none is known, or it is slim already."""
    tag = base.tag
    if _SMALL.search(tag) or base.image is None or base.family in ("alpine", "windows", "distroless", "scratch"):
        return ""
    if base.name in _WITH_SLIM:
        return f"{base.name}:{_with_slim(base.name, tag)}"
    if base.name in _JDK:
        return _runtime(base.name, tag)
    return _other(base.name, tag)


def _other(name: str, tag: str) -> str:
    if name == "continuumio/anaconda3":
        return "continuumio/miniconda3"
    for named, full, small in _VARIANTS:
        if name == named and full in tag:
            return f"{name}:{tag.replace(full, small)}"
    return f"{name}:{tag}-headless" if name == "amazoncorretto" and tag.isdigit() else ""


def _with_slim(name: str, tag: str) -> str:
    if not tag or tag == "latest":
        return {"debian": "stable-slim"}.get(name, "slim")
    return f"{tag}-slim"


def _runtime(name: str, tag: str) -> str:
    version = re.match(r"[0-9]+", tag)
    if not version:
        return ""
    if name == "openjdk":
        return f"{_JDK[name]}:{version[0]}-jre" if version[0] in ("8", "11", "17", "21") else ""
    return f"{_JDK[name]}:{tag.replace('-jdk', '-jre')}" if "-jdk" in tag else f"{_JDK[name]}:{version[0]}-jre"
