"""What the instructions of a single stage do, one command at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lissom.dockerfile.shell.script import Word
from lissom.dockerfile.syntax import Add, Cmd, Copy, Entrypoint
from lissom.errors import IntegrityError
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import call_of
from lissom.lint.effects.act import Act
from lissom.lint.effects.paths import flat, joined
from lissom.lint.effects.steps import acts_of, cwd_of, effects_of
from lissom.lint.stages.recipe import Doubt
from lissom.lint.subject import ContextFacts, StageView, StepView, Subject

__all__ = ["Called", "Reading", "Start", "read"]

_APT = ("apt-get", "apt", "aptitude")
_APT_VALUED = ("-o", "-t", "-c", "--option", "--target-release", "--config-file")
_APK_VALUED = ("-t", "--virtual", "-X", "--repository")
_MOST_FILES = 1000
_FOREIGN = frozenset(("node_modules", "vendor", ".git", ".venv", "venv", "target"))
_INITS = ("tini", "dumb-init", "exec")
_LARGEST_FILE = 1 << 18


@dataclass(frozen=True)
class Called:
    """One command of a RUN: the program it calls and what that does to files."""

    step: StepView
    call: Call
    acts: tuple[Act, ...]
    known: bool
    """Whether its acts are all that it does."""
    top: bool
    """Whether it stands in the RUN's outermost list, nothing but ``&&`` or ``;`` before it."""


@dataclass(frozen=True)
class Start:
    """What a container of the stage starts: the words of ENTRYPOINT and CMD; None where the base's own hold."""

    entrypoint: Entrypoint | None
    cmd: Cmd | None

    @property
    def words(self) -> tuple[str, ...] | None:
        """The words of both behind an init such as tini; None when they are in shell form and no plain words."""
        found: list[str] = []
        for one in (self.entrypoint, self.cmd):
            if one is None:
                continue
            if one.command.shell and any(char in one.command.args[0] for char in "|&;<>()$`\\\"'*?[#~=%\n"):
                return None
            found += one.command.args[0].split() if one.command.shell else one.command.args
        return _unwrapped(found)


@dataclass(frozen=True)
class Reading:
    """A stage, read: its commands in order, the packages it installs, and what is not understood."""

    subject: Subject
    stage: StageView
    commands: tuple[Called, ...] = ()
    packages: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    start: Start = field(default_factory=lambda: Start(None, None))

    @property
    def context(self) -> ContextFacts | None:
        return self.subject.context

    @property
    def bare(self) -> bool:
        """Whether the last stage is to stand on a distroless image."""
        own = self.subject.settings.get("single-stage")
        asked = self.subject.settings.get("runtime", own.get("runtime") if isinstance(own, Mapping) else None)
        return asked == "distroless"

    def calls(self, *names: str) -> tuple[Called, ...]:
        """The commands that call one of these programs."""
        return tuple(one for one in self.commands if one.call.program in names)

    @cached_property
    def placed(self) -> tuple[tuple[StepView, Act], ...]:
        """What COPY and ADD put in place."""
        steps = (step for step in self.stage.steps if isinstance(step.instruction, Copy | Add))
        return tuple((step, act) for step in steps for act in acts_of(step, self.subject))

    @cached_property
    def workdir(self) -> str:
        """Where the container starts."""
        return self.cwd(self.stage.steps[-1])

    def cwd(self, step: StepView) -> str:
        """The directory in force at a step."""
        return cwd_of(step, self.subject)

    def cwd_of(self, called: Called) -> str:
        """The directory that a command runs in; ``${PWD}`` when that cannot be told."""
        cwd = self.cwd(called.step)
        for other in self.commands:
            if other is called:
                break
            if other.step is called.step and other.call.program == "cd":
                target = other.call.words[0].value if other.call.words else None
                cwd = joined(cwd, target) if target and other.top else "${PWD}"
        return cwd

    def file(self, path: str) -> bytes | None:
        """A small file of the context; None without one that can be read. ``path`` is relative to the context."""
        if self.context is None or path in self.context.ignored:
            return None
        entry = self.context.tree.get(path)
        if entry is None or entry.content is None or entry.size > _LARGEST_FILE:
            return None
        try:
            with entry.content.open() as file:
                return file.read(_LARGEST_FILE)
        except IntegrityError:
            return None

    def seen(self, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
        """The context's files with one of these endings, but for those of packages; a thousand at the most."""
        left = _MOST_FILES
        for path in self.context.tree if self.context else ():
            if (
                path.endswith(suffixes)
                and not _FOREIGN & set(path.split("/"))
                and (data := self.file(path)) is not None
            ):
                yield path, data
                left -= 1
                if not left:
                    return

    def beside(self, directory: str, name: str) -> str | None:
        """Where in the context the file comes from that COPY puts into ``directory`` under ``name``."""
        for step, act in reversed(self.placed):
            if isinstance(step.instruction, Copy) and step.instruction.from_:
                continue
            target = joined(directory, name)
            if act.path == target and not act.deep:
                return joined("/", act.source).strip("/")
            if act.deep and joined(act.path, name) == target:
                return joined("/" + act.source, name).strip("/")
        return None


def _unwrapped(words: list[str]) -> tuple[str, ...]:
    at = 0
    while at < len(words) and words[at].rpartition("/")[2] in _INITS:
        at += 1
        while at < len(words) and words[at].startswith("-"):
            at += 1
    return tuple(words[at:])


def read(subject: Subject, stage: StageView) -> Reading:
    """Read a stage; never raises."""
    commands: list[Called] = []
    packages: list[str] = []
    doubts: list[Doubt] = []
    for step in stage.runs:
        effects = effects_of(step, subject)
        if step.script is None or effects is None:
            doubts.append(Doubt(step.instruction.span, "its RUN is not understood"))
            continue
        acts: dict[int, list[Act]] = {}
        for act in effects.acts:
            acts.setdefault(id(act.command), []).append(act)
        unknown = {id(one) for one in effects.unknown}
        parts = step.script.body.parts
        top = set() if any(part.joiner == "||" for part in parts) else {id(part.command) for part in parts}
        for simple in step.commands:
            call = call_of(simple, step.env)
            if call is not None:
                known, plain = id(simple) not in unknown, id(simple) in top
                commands.append(Called(step, call, tuple(acts.get(id(simple), ())), known, plain))
    for one in commands:
        if (one.call.program in _APT and "install" in one.call.args) or (
            one.call.program == "apk" and "add" in one.call.args and not _is_taken_back(one, commands)
        ):
            _install(one, packages, doubts)
    return Reading(subject, stage, tuple(commands), tuple(packages), tuple(doubts), _start(stage))


def _is_taken_back(one: Called, commands: list[Called]) -> bool:
    """Whether `apk del` names the group that the packages are put into."""
    option = one.call.option("-t", "--virtual")
    if option is None:
        return False
    words = one.call.words
    after = words[words.index(option) + 1 : words.index(option) + 2]
    name = (option.value or "").partition("=")[2] or next((word.value for word in after), None)
    return any(other.call.program == "apk" and {"del", name} <= set(other.call.args) for other in commands)


def _install(one: Called, packages: list[str], doubts: list[Doubt]) -> None:
    if one.call.program in _APT and one.call.has("-t", "--target-release"):
        doubts.append(Doubt(one.call.simple.span, "packages come from another release"))
    for word in one.call.operands_with(_APT_VALUED if one.call.program in _APT else _APK_VALUED):
        text = _known(word, one.step)
        if text is None or word.glob or text.startswith((".", "/")):
            doubts.append(Doubt(word.span, f"which packages `{word.text}` names cannot be told"))
        elif text not in ("install", "add"):
            packages += text.split()


def _known(word: Word, step: StepView) -> str | None:
    text = flat(word, step.env)
    return None if text is None or (word.value is None and "$" in text) else text


def _start(stage: StageView) -> Start:
    entrypoint: Entrypoint | None = None
    cmd: Cmd | None = None
    for step in stage.steps:
        if isinstance(step.instruction, Entrypoint):
            entrypoint = step.instruction
        elif isinstance(step.instruction, Cmd):
            cmd = step.instruction
    return Start(entrypoint, cmd)
