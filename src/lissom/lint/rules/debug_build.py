"""Programs are built for debugging.

What: builds whose result is in the image, with debugging symbols or without optimisation: `go build` without
-ldflags "-s -w", `cargo build` without --release, gcc with -g and without strip, CMake's Debug, `dotnet` with -c Debug,
`npm run build` in development mode. Only stages that the image needs are looked at.
Why: symbols are a third of a Go program and often more than half of a C++ one; no user reads them. Debug builds are
slow besides.
Bad:
    FROM golang:1.22 AS build
    WORKDIR /src
    COPY . .
    RUN go build -o /app .

    FROM scratch
    COPY --from=build /app /app
Good:
    FROM golang:1.22 AS build
    WORKDIR /src
    COPY . .
    RUN go build -ldflags="-s -w" -o /app .

    FROM scratch
    COPY --from=build /app /app
Fix: unsafe (E3) for Go: the flags are added. Stack traces stay, debuggers and `go tool nm` see less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Env
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]

_COMPILERS = re.compile(r"(.*-)?(gcc|g\+\+|clang(\+\+)?|cc|c\+\+)(-[0-9.]+)?")
_DEBUG = re.compile(r"-g([0-9]|gdb[0-9]?)?")
_FLAGS = ("CFLAGS", "CXXFLAGS", "CPPFLAGS", "FFLAGS")
_SYMBOLS = "a debug build: its programs keep their symbols"
_FORMS = (
    (("cmake",), r"CMAKE_BUILD_TYPE(:\w+)?=(Debug|RelWithDebInfo)", _SYMBOLS),
    (("configure", "meson", "autogen.sh"), r"--enable-debug(?!=no)\b|--buildtype[= ]debug|--with-debug\b", _SYMBOLS),
    (("make", "gmake"), r"FLAGS[+:]?=\S*.*-g\b|\bDEBUG=1\b|(^| )debug\b", _SYMBOLS),
    (
        ("dotnet",),
        r"^(publish|build)\b.*(-c|--configuration)[ =]Debug",
        "a debug build: `-c Release` is what users need",
    ),
    (("npm", "yarn", "pnpm", "npx", "ng"), r"build:dev\b|--mode[ =]development", "a development build: not minified"),
)
_LDFLAGS = re.compile(r"-s\b|-w\b")


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        if not stage.used:
            continue
        stripped = any(call.program in ("strip", "upx", "objcopy") for step in stage.steps for call in calls_of(step))
        for step in stage.steps:
            if isinstance(step.instruction, Env) and not stripped:
                flagged = [name for name, value in step.instruction.pairs if name in _FLAGS and _sets_debug(value)]
                if flagged:
                    yield Found(step.instruction.span, f"{flagged[0]} stores debugging symbols in all that is compiled")
        for step in stage.runs:
            for call in calls_of(step):
                told = _told(call, stripped=stripped)
                if told:
                    message, severity = told
                    yield Found(call.span, message, _fix(call), None, severity)


def _sets_debug(value: str) -> bool:
    return any(_DEBUG.fullmatch(word) for word in value.strip("'\"").split())


def _told(call: Call, *, stripped: bool) -> tuple[str, Severity] | None:
    args = " ".join(call.args)
    if call.runs("go", "build", "install"):
        flags = args + " " + (call.env.get("GOFLAGS") or "")
        if stripped or (_LDFLAGS.search(flags) and "-ldflags" in flags) or "LDFLAGS" in flags or "-race" in args:
            return ("the race detector is built in", Severity.WARNING) if "-race" in args else None
        return 'the program keeps its symbols: `-ldflags="-s -w"` leaves them out', Severity.INFO
    if call.runs("cargo", "build", "install"):
        released = call.verb == "install" or call.has("--release", "-r") or "--profile" in args
        if not released or call.has("--debug"):
            return "a debug build: large and slow; `--release` builds what is meant to be used", Severity.WARNING
        return None
    return _of_others(call, args, stripped=stripped)


def _of_others(call: Call, args: str, *, stripped: bool) -> tuple[str, Severity] | None:
    if _COMPILERS.fullmatch(call.program) and not stripped and any(_DEBUG.fullmatch(arg) for arg in call.args):
        return "`-g` stores debugging symbols in the program", Severity.WARNING
    for programs, pattern, message in _FORMS:
        if (
            call.program in programs
            and re.search(pattern, args, re.IGNORECASE)
            and not (stripped and "make" in programs)
        ):
            return message, Severity.WARNING
    return None


def _fix(call: Call) -> Fix | None:
    if not call.exact or not call.runs("go", "build") or "-ldflags" in " ".join(call.args) or not call.words:
        return None
    end = call.words[0].span.end
    return Fix(
        title="leave symbols out of the program",
        edits=(Edit(Span(end, end), ' -ldflags="-s -w"'),),
        safety=Safety.UNSAFE,
        equivalence=Equivalence.E3,
        because="the program is another file; only its probes can tell that nothing reads its symbols",
    )


RULE = Rule(
    code="debug-build",
    title="Programs are built for debugging",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
