"""C and C++ with make or CMake on Debian: what `make install` puts into /usr/local, or the program that is started."""

from __future__ import annotations

import re

from lissom.lint.effects.paths import covers, joined
from lissom.lint.stages.app import source_places
from lissom.lint.stages.data import data_beside
from lissom.lint.stages.packages import has_tools
from lissom.lint.stages.reading import Called, Reading
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.stages.runtimes import debian_slim, release_of

__all__ = ["recognise"]

_LOCAL = "/usr/local"
_COMPILERS = ("gcc", "g++", "cc", "c++", "clang", "clang++")
_TOOLS = frozenset(
    (*_COMPILERS, "make", "cmake", "ninja", "configure", "autogen.sh", "autoreconf", "strip", "ctest", "meson")
)
_SOURCE_NAMES = ".c .h .cc .cpp .hpp .cxx .o .a .am .ac .in .mk .cmake CMakeLists.txt"
_SOURCES = tuple(_SOURCE_NAMES.split())
_PLACES = re.compile(r"(?<![\w$)}/.])/(?:usr|etc|opt|var|lib|srv|bin|sbin)\b[\w/.+-]*")
_BASES = ("debian", "ubuntu", "buildpack-deps", "gcc")
_CXX = re.compile(r"g\+\+|c\+\+|clang\+\+")


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for a program that make, CMake or a compiler builds on Debian."""
    base = reading.stage.base
    builds = reading.calls("make", "ninja", "cmake", *_COMPILERS)
    if base.name.rpartition("/")[2] not in _BASES or not builds:
        return None
    from_ = reading.stage.stage.from_
    release = "ubuntu" if base.name == "ubuntu" else release_of(base)
    if not release:
        raise Doubt(from_.image_span, f"which Debian `{from_.image}` is cannot be told")
    installs = [one for one in builds if _is_install(one)]
    if base.name == "gcc" and (installs or _speaks_cxx(reading)):
        raise Doubt(from_.image_span, "what it builds may need libraries of this compiler")
    if base.name == "ubuntu" and not has_tools(reading.packages):
        return None
    sources = source_places(reading, builds)
    carried = _installed(reading, builds) if installs else _program(reading, builds)
    runtime = from_.image if base.name == "ubuntu" else debian_slim(release)
    return Recipe("C", runtime, release, _TOOLS, sources=sources, carried=carried)


def _speaks_cxx(reading: Reading) -> bool:
    """Whether something is compiled that needs the C++ library of the compiler's own version."""
    if any(_CXX.fullmatch(one.call.program) for one in reading.commands):
        return True
    return any(True for _ in reading.seen((".cc", ".cpp", ".cxx"))) or reading.context is None


def _is_install(one: Called) -> bool:
    return "install" in one.call.args or "--install" in one.call.args


def _installed(reading: Reading, builds: tuple[Called, ...]) -> tuple[str, ...]:
    """/usr/local as a whole: the base has nothing in it."""
    for one in (*builds, *reading.calls("configure", "meson")):
        for value in one.call.args:
            prefix = re.match(r"(?:-DCMAKE_INSTALL_PREFIX(?::\w+)?|--prefix|PREFIX|prefix|DESTDIR)=(.*)", value)
            if (prefix and prefix[1] != _LOCAL) or value == "--prefix":
                raise Doubt(one.call.simple.span, f"it installs elsewhere than in `{_LOCAL}`")
    if reading.calls("make") and not reading.calls("cmake", "configure"):
        texts = [data.decode("utf-8", "replace") for path, data in reading.seen(("Makefile", "makefile", ".mk"))]
        if not texts:
            raise Doubt(builds[-1].call.simple.span, "what `make install` writes cannot be told without its Makefile")
        for text in texts:
            elsewhere = [
                place for place in _PLACES.findall(text) if not covers(_LOCAL, place) and place != "/usr/bin/env"
            ]
            if elsewhere:
                raise Doubt(builds[-1].call.simple.span, f"its Makefile names `{elsewhere[0]}`")
    return (_LOCAL,)


def _program(reading: Reading, builds: tuple[Called, ...]) -> tuple[str, ...]:
    """The program that is started, where the build leaves it, with what lies beside it."""
    start = reading.start
    words = start.words
    where = (start.entrypoint or start.cmd or reading.stage.stage.from_).span
    if not words or "/" not in words[0]:
        raise Doubt(where, "which of the files that are built it starts cannot be told")
    program = joined(reading.workdir, words[0])
    copied = {act.path for one in reading.commands for act in one.acts}
    inside = any(covers(reading.cwd_of(one), program) for one in builds)
    named = any(joined(reading.cwd_of(one), value) == program for one in builds for value in one.call.args)
    if "${" in program or not (inside or named or program in copied):
        raise Doubt(where, f"`{words[0]}` is none of the files that are built")
    return (program, *data_beside(reading, _SOURCES, ("build", "src", "include", "tests")))
