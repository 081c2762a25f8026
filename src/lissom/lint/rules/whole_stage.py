"""COPY takes a whole root file system, or a whole toolchain, from another stage.

What: `COPY --from` of `/` into the image; as a hint, of directories that hold what a stage was built with: /usr,
/usr/local, /opt, /root, /home, /var, /go, /etc, a target or node_modules directory that no command of that stage cuts
down; and of the directory that holds the sources and in which a compiler, a bundler or a generator of sites ran.
hadolint's DL3067 names the first alone, also for an image from scratch, where it is how layers are made one.
Why: a stage is there so that what builds stays behind. Copying all of it ships it again, in one more layer.
Bad:
    FROM golang:1.22 AS build
    RUN go install example.com/tool@latest

    FROM debian:bookworm-slim
    COPY --from=build / /
Good:
    FROM golang:1.22 AS build
    RUN go install example.com/tool@latest

    FROM debian:bookworm-slim
    COPY --from=build /go/bin/tool /usr/local/bin/tool
Fix: none: what the app needs of it only the app can tell.
hadolint: DL3067 names `/` alone, and also where the stage is empty, so that it makes one layer of all.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.dockerfile.stages import find_stage
from lissom.dockerfile.syntax import Copy, Stage
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.effects.act import Deed
from lissom.lint.effects.paths import covers, joined
from lissom.lint.effects.steps import laid
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StageView, Subject
from lissom.lint.wording import quoted

__all__ = ["RULE"]

_BROAD = frozenset(
    ("/usr", "/usr/local", "/opt", "/root", "/home", "/var", "/go", "/etc", "/lib", "/usr/lib", "/usr/local/go")
)
_COMPILED = "go cargo mvn mvnw gradle gradlew make ninja cmake dotnet javac gcc g++ cc c++ sbt rustc swift ghc"
_SCRIPTED = frozenset(("tsc", "webpack", "vite"))
_COMPILERS = frozenset(_COMPILED.split()) | _SCRIPTED
_PACKERS = frozenset(("npm", "yarn", "pnpm", "bun", "npx"))
_GENERATORS = frozenset(("hugo", "jekyll", "mkdocs", "zola", "sphinx-build", "eleventy", "gatsby"))
_OUTPUT = frozenset(("target", "node_modules", "build", "obj"))


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        for step in stage.steps if stage.shipped else ():
            instruction = step.instruction
            if not isinstance(instruction, Copy) or not instruction.from_:
                continue
            origin = find_stage(subject.dockerfile, instruction.from_)
            for source in instruction.sources:
                span = subject.dockerfile.source.narrow(instruction.span, source)
                path = joined("/", source)
                if path == "/":
                    if stage.base.family != "scratch" and not _cut_down(subject, origin):
                        yield Found(span, f"takes the whole file system of {quoted(instruction.from_)}")
                elif origin is not None:
                    yield from _parts(subject, subject.stages[origin.index], path, span)


def _parts(subject: Subject, origin: StageView, path: str, span: Span) -> Iterator[Found]:
    if path in _BROAD or path.rpartition("/")[2] in _OUTPUT:
        told = _broad(origin, path)
        if told:
            yield Found(span, told, severity=Severity.INFO)
        return
    rows = list(laid(subject, origin))
    sources = any(row.act.deed is Deed.PLACE and row.act.deep and covers(path, row.act.path) for row in rows)
    built = {row.act.detail for row in rows if row.act.deed is Deed.BUILD and covers(path, row.act.path)}
    calls = [call for step in origin.steps for call in calls_of(step)]
    told = "sources and all that the build left, not only its result"
    if not sources:
        return
    if built & _COMPILERS:
        yield Found(span, f"{quoted(path)} holds {told}", severity=Severity.INFO if built <= _SCRIPTED else None)
    elif any(call.program in _GENERATORS for call in calls):
        yield Found(span, f"{quoted(path)} holds the sources of a site, not only its pages", severity=Severity.INFO)
    elif built & _PACKERS and any(call.program in _PACKERS and _packs(call) for call in calls):
        if not _production(origin, calls):
            told = "sources and development dependencies, not only the result of the build"
        yield Found(span, f"{quoted(path)} holds {told}", severity=Severity.INFO)


def _cut_down(subject: Subject, origin: Stage | None) -> bool:
    """Whether the stage stands on scratch: then it holds nothing but what is meant."""
    return origin is not None and subject.stages[origin.index].base.family == "scratch"


def _broad(origin: StageView, path: str) -> str:
    if path.endswith("/node_modules"):
        if _production(origin, [call for step in origin.steps for call in calls_of(step)]):
            return ""
        return f"{quoted(path)} holds what only the build needs: leave development dependencies out there"
    if path.endswith("/build") and not any(
        call.program in ("gradle", "gradlew", "make", "cmake", "ninja")
        for step in origin.steps
        for call in calls_of(step)
    ):
        return ""  # what front ends call their result
    if path.endswith(("/target", "/build", "/obj")):
        return f"{quoted(path)} holds all that the build left, not only its result"
    return f"{quoted(path)} holds more than what was built" if origin.base.family != "scratch" else ""


def _production(origin: StageView, calls: list[Call]) -> bool:
    """Whether the stage leaves development dependencies out."""
    asked = any("NODE_ENV" in step.env and step.env["NODE_ENV"] == "production" for step in origin.steps)
    return asked or any(_leaves_out(call.args) for call in calls)


def _packs(call: Call) -> bool:
    """Whether it is `npm run build` or its like."""
    return "build" in {arg.partition(":")[0] for arg in call.args}


def _leaves_out(args: tuple[str, ...]) -> bool:
    text = " ".join(args)
    return any(
        part in text for part in ("omit=dev", "omit dev", "--production", "--prod", "only=prod", "prune", "deploy")
    )


RULE = Rule(
    code="whole-stage",
    title="COPY takes all of another stage",
    category=Category.SIZE,
    severity=Severity.WARNING,
    aliases=("DL3067",),
    check=_check,
    page=__doc__ or "",
)
