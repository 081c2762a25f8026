"""What COPY and ADD take from the build context, and an ignore file that keeps the rest out."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lissom.context.glob import has_wildcards, match_part
from lissom.context.ignore import Ignore, Pattern
from lissom.dockerfile.syntax import Add, Cmd, Copy, Entrypoint, Env, Run
from lissom.errors import IntegrityError
from lissom.lint.build_context.junk import JUNK, Junk
from lissom.lint.calls.reading import calls_of
from lissom.lint.copies.from_context import from_context
from lissom.lint.subject import ContextFacts, StepView, Subject
from lissom.lint.values import expanded
from lissom.rootfs.entry import Entry

__all__ = ["Named", "Taken", "extended", "may_be_ignored", "reads_history", "taken_by"]

_HISTORY_READERS = (
    b"setuptools_scm",
    b"setuptools-scm",
    b"hatch-vcs",
    b"versioneer",
    b"git describe",
    b"git rev-parse",
)
_ELSEWHERE = frozenset(("clone", "config", "init"))  # what git does without the history of the context
_BUILD_FILES = (
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "Makefile",
    "makefile",
    "CMakeLists.txt",
    "package.json",
    "pom.xml",
)
_LARGEST_READ = 1 << 18


@dataclass(frozen=True)
class Taken:
    """A directory of the context that an instruction takes: ``source`` in the context, ``destination`` in the image."""

    step: StepView
    source: str
    destination: str

    def below(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those of the context's entries that go in."""
        start = f"{self.source}/" if self.source else ""
        return [entry for entry in entries if entry.path.startswith(start)]

    def globs(self, pattern: str) -> tuple[str, ...]:
        """The tree's paths that an ignore pattern keeps out, as globs."""
        inside = pattern.removeprefix("**/")
        if inside == pattern and self.source:
            inside = pattern.removeprefix(f"{self.source}/")
        place = "/".join(part for part in (self.destination.strip("/"), inside) if part)
        deep = "/".join(part for part in (self.destination.strip("/"), "**", inside) if part)
        found = (place, f"{place}/**")
        return found if inside == pattern else (*found, deep, f"{deep}/**")


def taken_by(step: StepView, context: ContextFacts) -> Iterator[Taken]:
    """The directories of the context that COPY or ADD takes as a whole."""
    instruction = from_context(step.instruction)
    if instruction is None:
        return
    for written in instruction.sources:
        source = _clean(expanded(written, step.env))
        if source is None:
            continue
        entry = context.tree.get(source)
        if not source or (entry is not None and entry.is_directory):
            destination = posixpath.join(step.workdir or "/", expanded(instruction.destination, step.env) or "")
            yield Taken(step, source, posixpath.normpath(destination))
        elif has_wildcards(source) and "/" not in source:
            yield from _matching(step, source, context)


def _matching(step: StepView, pattern: str, context: ContextFacts) -> Iterator[Taken]:
    """``COPY * .`` takes what is in each directory, not the directory."""
    instruction = step.instruction
    assert isinstance(instruction, Copy | Add)
    try:
        expression = match_part(pattern)
    except ValueError:
        return
    place = posixpath.normpath(posixpath.join(step.workdir or "/", expanded(instruction.destination, step.env) or ""))
    for path in context.tree.children(""):
        if expression.fullmatch(path) and context.tree[path].is_directory:
            yield Taken(step, path, place)


@dataclass(frozen=True)
class Named:
    """What instructions speak of: ``paths`` that may be the context's, and ``calls``: programs, alone and with what
    they are told to do.
    """

    paths: frozenset[str]
    calls: frozenset[str]

    @classmethod
    def of(cls, subject: Subject) -> Named:
        return cls(frozenset(_paths(subject)), frozenset(_calls(subject)))


def may_be_ignored(named: Named, junk: Junk, context: ContextFacts) -> bool:
    """Whether no instruction and no line of the ignore file names what ``junk`` keeps out, and the build makes it."""
    if junk.needs and named.calls.isdisjoint(junk.needs):
        return False
    rule = Ignore.of([junk.pattern])
    if any(rule.ignores(path) for path in named.paths):
        return False
    return not any(one.exception and rule.ignores(one.text) for one in _patterns(context.ignore_text))


def reads_history(named: Named, context: ContextFacts) -> bool:
    """Whether the build asks the version control for something, so that it needs its files."""
    if not named.calls.isdisjoint(("git", "hg", "svn", "go build", "go install")):
        return True
    for name in _BUILD_FILES:
        entry = context.tree.get(name)
        if entry is None or entry.content is None or entry.size > _LARGEST_READ:
            continue
        try:
            with entry.content.open() as file:
                data = file.read(_LARGEST_READ)
        except IntegrityError:
            return True
        if any(word in data for word in _HISTORY_READERS):
            return True
    return False


def extended(text: str | None, junk: Sequence[Junk], remark: str) -> str:
    """An ignore file with lines for ``junk`` below a remark, behind what it has."""
    lines = [text.rstrip("\n"), ""] if text and text.strip() else []
    lines += [f"# {remark}", *(one.pattern for one in JUNK if one in junk)]
    return "\n".join(lines) + "\n"


def _patterns(text: str | None) -> tuple[Pattern, ...]:
    return Ignore.parse(text or "").patterns


def _calls(subject: Subject) -> Iterator[str]:
    for step in subject.steps():
        for call in calls_of(step):
            if call.program == "git" and not _ELSEWHERE.isdisjoint(call.args):
                continue
            yield call.program
            yield from (f"{call.program} {value}" for value in call.args[:1] if not value.startswith("-"))


def _paths(subject: Subject) -> Iterator[str]:
    """Everything that an instruction names and that may be a path of the context."""
    places = frozenset(_destinations(subject))
    for step in subject.steps():
        for word in _words(step):
            path = _clean(expanded(word, step.env))
            if path and (not word.startswith("/") or _is_below(places, word)):
                yield path


def _words(step: StepView) -> Iterator[str]:
    instruction = step.instruction
    if copied := from_context(instruction):
        yield from copied.sources
    if isinstance(instruction, Run):
        for mount in instruction.mounts:
            yield from (value for key, value in mount.pairs if key in ("source", "src") and value)
    if isinstance(instruction, Run | Cmd | Entrypoint):
        if not instruction.command.shell:
            yield from instruction.command.args
        for command in step.commands:
            yield from (word.value or word.text for word in command.words[1:])
            yield from (redirection.target.text for redirection in command.redirections if redirection.target)
    elif isinstance(instruction, Env):
        yield from (value for _, value in instruction.pairs)


def _destinations(subject: Subject) -> Iterator[str]:
    for step in subject.steps():
        if isinstance(step.instruction, Copy | Add):
            yield posixpath.normpath(posixpath.join(step.workdir or "/", step.instruction.destination))


def _is_below(places: frozenset[str], path: str) -> bool:
    """Whether a path is one of ``places`` or lies below one."""
    parts = path.split("/")
    return "/" in places or any("/".join(parts[:length]) in places for length in range(2, len(parts) + 1))


def _clean(path: str | None) -> str | None:
    """A path seen from the context's root; None for addresses and what is unknown."""
    if path is None or "://" in path or path.startswith("git@"):
        return None
    clean = posixpath.normpath(f"/{path}").lstrip("/")
    return "" if clean == "." else clean
