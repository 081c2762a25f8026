"""From a parsed Dockerfile to what rules look at: what is in force at each instruction, what stages are used for."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lissom.dockerfile.expand import ExpandError, process
from lissom.dockerfile.shell.reading import named_shell, script_of
from lissom.dockerfile.shell.script import Script
from lissom.dockerfile.stages import find_stage, find_target, references
from lissom.dockerfile.syntax import Arg, Dockerfile, Env, Instruction, Shell, Stage, User, Workdir
from lissom.lint.images.base import expanded_images, outside_base
from lissom.lint.subject import Base, ContextFacts, Shown, StageView, StepView, Subject
from lissom.lint.values import History, bounded, expanded

__all__ = ["subject_of"]

_MOST_SCRIPTS = 500  # docker refuses images of more than 127 layers; what rules compare grows as their square
_LONGEST_PATH = 4096  # what Linux takes
_SHELLS = ("sh", "bash", "dash", "ash", "ksh", "zsh")


def subject_of(
    dockerfile: Dockerfile,
    *,
    context: ContextFacts | None = None,
    shown: Sequence[Shown] = (),
    settings: Mapping[str, object] | None = None,
    target: str | None = None,
) -> Subject:
    """A Dockerfile as rules look at it when ``target`` is built, the last stage by default.

    A stage that names what is not there stands on nothing known. Raises UsageError when there is no such target, else
    nothing.
    """
    last = find_target(dockerfile, target).index
    images = expanded_images(dockerfile)
    bases: list[Base] = []
    for stage, image in zip(dockerfile.stages, images, strict=True):
        below = find_stage(dockerfile, image, before=stage.index)
        bases.append(outside_base(image) if below is None else replace(bases[below.index], parent=below.index))
    shipped = _below(bases, last)
    used = _used(dockerfile, bases, last)
    stages: list[StageView] = []
    states: list[_State] = []
    scripts = _scripts(dockerfile)
    given = _given(dockerfile)
    for stage, base in zip(dockerfile.stages, bases, strict=True):
        state = _State.on(states[base.parent] if base.parent is not None else None, given)
        steps = tuple(state.step(dockerfile, stage, one, base, scripts) for one in stage.instructions)
        states.append(state)
        final = stage.index == last
        stages.append(StageView(stage, base, steps, final, stage.index in shipped, stage.index in used))
    return Subject(dockerfile, tuple(stages), context, tuple(shown), settings or {})


def _scripts(dockerfile: Dockerfile) -> dict[int, Script]:
    """The scripts of the instructions, by the places of these; not of all of them in a file that nobody can build."""
    found: dict[int, Script] = {}
    for instruction in dockerfile.instructions:
        script = script_of(dockerfile, instruction) if len(found) < _MOST_SCRIPTS else None
        if script is not None:
            found[instruction.span.start] = script
    return found


def _below(bases: Sequence[Base], index: int) -> set[int]:
    """A stage and those that it stands on."""
    found = {index}
    parent = bases[index].parent
    while parent is not None:
        found.add(parent)
        parent = bases[parent].parent
    return found


def _used(dockerfile: Dockerfile, bases: Sequence[Base], last: int) -> set[int]:
    """The stage that is built and those that it needs: that it stands on, copies from or mounts."""
    found: set[int] = set()
    waiting = [last]
    while waiting:
        index = waiting.pop()
        if index in found:
            continue
        found.add(index)
        parent = bases[index].parent
        waiting += [] if parent is None else [parent]
        for instruction in dockerfile.stages[index].instructions:
            waiting += [one for reference in references(instruction) for one in _named(dockerfile, reference.name)]
    return found


def _named(dockerfile: Dockerfile, name: str) -> list[int]:
    stage = find_stage(dockerfile, name)
    if stage is not None:
        return [stage.index]
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 6 else -1
    return [number] if 0 <= number < len(dockerfile.stages) else []


@dataclass(slots=True)
class _State:
    """What is in force, changed from instruction to instruction."""

    env: History = field(default_factory=History)
    given: Mapping[str, str | None] = field(default_factory=dict)
    user: str | None = None
    workdir: str | None = None
    shell: tuple[str, ...] | None = None

    @classmethod
    def on(cls, below: _State | None, given: Mapping[str, str | None]) -> _State:
        """The state at the begin of a stage; ``given`` are the ARGs above the first FROM, which a stage may take up."""
        if below is not None:
            return cls(History(below.env.now()), below.given, below.user, below.workdir, below.shell)
        return cls(History(), given)

    def step(
        self, dockerfile: Dockerfile, stage: Stage, instruction: Instruction, base: Base, scripts: Mapping[int, Script]
    ) -> StepView:
        """The view of an instruction; then what it changes is in force. ``scripts`` are by the place of theirs."""
        view = StepView(
            instruction=instruction,
            stage=stage.index,
            env=self.env.now(),
            user=self.user,
            workdir=self.workdir,
            shell=named_shell(instruction) or self.shell,
            script=scripts.get(instruction.span.start) if self._posix(base) else None,
        )
        self._take(instruction, base, dockerfile.escape)
        return view

    def _posix(self, base: Base) -> bool:
        """Whether the shell in force is one like sh, perhaps behind a program that runs it (``conda run``)."""
        if self.shell is None:
            return base.family != "windows"
        return any(word.rpartition("/")[2] in _SHELLS for word in self.shell)

    def _take(self, instruction: Instruction, base: Base, escape: str) -> None:
        now = self.env.now()
        if isinstance(instruction, Env):
            for name, value in instruction.pairs:
                self.env.set(name, expanded(value, now, escape))
        elif isinstance(instruction, Arg):
            for name, default in instruction.pairs:
                if name not in now:
                    given = self.given.get(name) if default is None else expanded(default, self.env.now(), escape)
                    self.env.set(name, given)
        elif isinstance(instruction, User):
            self.user = _as_known(instruction.user, now, escape)
        elif isinstance(instruction, Workdir):
            path = self._joined(_as_known(instruction.path, now, escape), base)
            self.workdir = path if len(path) <= _LONGEST_PATH else self.workdir
        elif isinstance(instruction, Shell):
            self.shell = instruction.command.args

    def _joined(self, path: str, base: Base) -> str:
        if path.startswith(("/", "$")):
            return posixpath.normpath(path) if path.startswith("/") else path
        below = "/" if self.workdir is None and base.family == "scratch" else self.workdir or ""
        return posixpath.normpath(posixpath.join(below, path))


def _given(dockerfile: Dockerfile) -> Mapping[str, str | None]:
    """The ARGs above the first FROM with their defaults, as far as they are known."""
    given: dict[str, str | None] = {}
    for instruction in dockerfile.meta_args:
        for name, default in instruction.pairs:
            given[name] = None if default is None else expanded(default, given, dockerfile.escape)
    return given


def _as_known(text: str, values: Mapping[str, str | None], escape: str) -> str:
    """The text with those variables replaced that are known; the others stay as written."""
    try:
        return process(text, bounded(values), escape=escape, keep_unset=True).text
    except ExpandError:
        return text
