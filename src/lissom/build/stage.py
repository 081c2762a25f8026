"""One stage of a plan: instructions become steps, or fold into the config.

History lines, the order of ENV and ARG, and what ENTRYPOINT resets are as BuildKit does them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lissom.build.config import (
    add_history,
    base_document,
    clean_path,
    environment,
    health_document,
    health_text,
    is_signal,
    ports,
    quoted,
    set_env,
    shelled,
)
from lissom.build.copying import plan_copy
from lissom.build.running import plan_run
from lissom.build.scope import Scope
from lissom.build.step import (
    BaseInput,
    ContextInput,
    CopyOp,
    Input,
    Operation,
    PlannedStage,
    StageInput,
    Step,
    WorkdirOp,
)
from lissom.dockerfile.fault import error_at
from lissom.dockerfile.parser import parse_instruction
from lissom.dockerfile.source import Source, Span
from lissom.dockerfile.syntax import (
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Instruction,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stage,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from lissom.errors import DockerfileError, LissomError
from lissom.oci.platform import Platform

if TYPE_CHECKING:
    from lissom.build.plan import Planner

__all__ = ["StagePlanner"]


@dataclass(frozen=True, slots=True)
class _Made:
    """A step before it is known how many there are."""

    operations: tuple[Operation, ...]
    text: str
    created_by: str
    origin: Span
    history: int


class StagePlanner:
    """Plans one stage. ``source`` is the text of the current instruction: ONBUILD triggers bring their own."""

    def __init__(self, planner: Planner, stage: Stage) -> None:
        self.planner = planner
        self.stage = stage
        self.source = planner.source
        self.scope = Scope(escape=planner.dockerfile.escape)
        self.platform = planner.options.platform
        self.base: StageInput | BaseInput = BaseInput("scratch", None)
        self.document: dict[str, Any] = {}
        self._steps: list[_Made] = []
        self._command_set = False
        self._in_trigger = False
        self._origins: dict[int, Span] = {}
        self._noted = 0

    @property
    def settings(self) -> dict[str, Any]:
        """The ``config`` object of the image config."""
        found: dict[str, Any] = self.document["config"]
        return found

    @property
    def cwd(self) -> str:
        return self.settings.get("WorkingDir") or "/"

    def plan(self) -> tuple[PlannedStage, Scope]:
        """The stage, and its variables for stages that begin with it."""
        replaced = self.planner.context_named(self.stage.name) if self.stage.name else None
        if replaced is not None:
            self._begin_with(replaced, self.stage.name or "")
        else:
            self._begin()
            self._run_triggers()
            self._note_origin(self.stage.from_.span)
            for instruction in self.stage.instructions:
                self._dispatch(instruction)
                self._note_origin(instruction.span)
        planned = PlannedStage(
            self.stage.index, self.stage.name or "", self.base, self.platform, self._named_steps(), self.document,
            self._origins,
        )  # fmt: skip
        return planned, self.scope

    def _note_origin(self, span: Span) -> None:
        """Remember what the newest lines of history came from."""
        for line in range(self._noted, len(self.document["history"])):
            self._origins[line] = span
        self._noted = len(self.document["history"])

    def expand(self, word: str, span: Span) -> str:
        return self.scope.expand(word, self.source, span)

    def input_named(self, name: str, instruction: Instruction) -> Input:
        """What ``from=NAME`` of an instruction means."""
        span = next((f.span for f in instruction.flags if name and name in (f.value or "")), instruction.span)
        if self._in_trigger:
            span = self.stage.from_.span
        return self.planner.input_named(name, self.stage, span)

    def error(self, span: Span, message: str, *, hint: str | None = None) -> DockerfileError:
        return error_at(self.source, span, message, hint=hint)

    def add_step(self, instruction: Instruction, operations: tuple[Operation, ...], created_by: str) -> None:
        """One layer and its line of history."""
        line = add_history(self.document, created_by, layer=True)
        text = f"ONBUILD {instruction.text}" if self._in_trigger else instruction.text
        span = self.stage.from_.span if self._in_trigger else instruction.span
        self._steps.append(_Made(operations, text, created_by, span, line))

    def _begin(self) -> None:
        planner, from_ = self.planner, self.stage.from_
        span = from_.image_span if from_.image_span.end else from_.span
        scope = replace(planner.globals)
        name = scope.expand(from_.image, self.source, span)
        if not name:
            raise self.error(span, f"base name `{from_.image}` should not be blank", hint="a variable in it is empty")
        if from_.platform is not None:
            self.platform = self._platform(scope.expand(from_.platform, self.source, from_.span))
        parent = planner.find_stage(name, self.stage.index)
        if parent is not None:
            replaced = planner.context_named(parent.name) if parent.name else None
            if replaced is None:
                self._begin_with_stage(parent)
                return
            self._begin_with(replaced, name)
            return
        given = planner.context_named(name)
        if given is not None:
            self._begin_with(given, name)
        elif name == "scratch":
            self._begin_with(BaseInput("scratch", None), name)
        else:
            self._begin_with(planner.base(name, self.platform, self.stage, span), name)

    def _platform(self, text: str) -> Platform:
        span = next((f.span for f in self.stage.from_.flags if f.name == "platform"), self.stage.from_.span)
        if not text:
            raise self.error(span, f"empty platform value from expression `{self.stage.from_.platform}`")
        try:
            return Platform.parse(text)
        except LissomError as error:
            raise self.error(span, error.message) from error

    def _begin_with_stage(self, parent: Stage) -> None:
        planned, scope = self.planner.stage(parent)
        self.base, self.platform, self.scope = (
            StageInput(parent.index, parent.name or ""),
            planned.platform,
            scope.child(),
        )
        self.document = _copied(planned.config)
        self._origins, self._noted = dict(planned.origins), len(self.document["history"])

    def _begin_with(self, given: BaseInput | ContextInput, name: str) -> None:
        image = given.image if isinstance(given, BaseInput) else None
        self.document = base_document(image.config if image else None, self.platform)
        self._noted = len(self.document["history"])
        for variable, value in environment(self.settings).items():
            self.scope.set(variable, value)
        if isinstance(given, BaseInput):
            self.base = given
            return
        text = f"COPY / / # build context {name}"
        line = add_history(self.document, text, layer=True)
        operation = CopyOp(given, ("/",), "/")
        self._steps.append(_Made((operation,), text, text, self.stage.from_.span, line))

    def _run_triggers(self) -> None:
        triggers = self.settings.pop("OnBuild", None) or []
        for number, text in enumerate(triggers, 1):
            self.source = Source(f"{self.base_name}: ONBUILD {number}", text)
            self._in_trigger = True
            instruction = parse_instruction(text, name=self.source.name)
            if isinstance(instruction, Onbuild | Maintainer) or instruction.keyword == "FROM":
                raise self.error(instruction.span, f"{instruction.keyword} isn't allowed as an ONBUILD trigger")
            self._dispatch(instruction)
        self._in_trigger = False
        self.source = self.planner.source

    @property
    def base_name(self) -> str:
        return self.base.name if isinstance(self.base, BaseInput) else f"stage {self.base.index}"

    def _named_steps(self) -> tuple[Step, ...]:
        """Steps as ``[build 2/5] RUN make``; the base counts as the first."""
        name = self.stage.name or (f"stage-{self.stage.index}" if len(self.planner.dockerfile.stages) > 1 else "")
        total = len(self._steps) + 1
        width = int(1 + math.log10(total))
        prefix = f"{name} " if name else ""
        return tuple(
            Step(
                made.operations,
                f"[{prefix}{n:>{width}}/{total}] {made.text}",
                made.created_by,
                made.origin,
                made.history,
                self.planner.source.place(made.origin).rpartition(":")[0],
            )
            for n, made in enumerate(self._steps, 2)
        )

    def _dispatch(self, instruction: Instruction) -> None:
        match instruction:
            case Run():
                operation, created_by = plan_run(self, instruction)
                self.add_step(instruction, (operation,), created_by)
            case Copy() | Add():
                operations, created_by = plan_copy(self, instruction)
                self.add_step(instruction, operations, created_by)
            case Workdir():
                self._workdir(instruction)
            case Arg():
                self._arg(instruction)
            case Env():
                self._env(instruction)
            case Label():
                self._label(instruction)
            case Cmd() | Entrypoint() | Shell():
                self._command(instruction)
            case _:
                self._setting(instruction)

    def _workdir(self, instruction: Workdir) -> None:
        path = clean_path(self.cwd, self.expand(instruction.path, instruction.span)).rstrip("/") or "/"
        self.settings["WorkingDir"] = path
        if path == "/":
            add_history(self.document, "WORKDIR /")
        else:
            self.add_step(instruction, (WorkdirOp(path, self.settings.get("User") or ""),), f"WORKDIR {path}")

    def _arg(self, instruction: Arg) -> None:
        given, inherited = self.planner.options.build_args, self.planner.globals.env
        shown: list[str] = []
        for word, default in instruction.pairs:
            name = self.expand(word, instruction.span)
            value = given.get(name)
            if value is None:
                value = inherited.get(name) if default is None else self.expand(default, instruction.span)
            self.scope.declare(name, value)
            shown.append(name if value is None else f"{name}={value}")
        add_history(self.document, f"ARG {' '.join(shown)}")

    def _env(self, instruction: Env) -> None:
        pairs = [(self.expand(n, instruction.span), self.expand(v, instruction.span)) for n, v in instruction.pairs]
        for name, value in pairs:
            if not name:
                raise self.error(instruction.span, "ENV names can not be blank")
            self.scope.set(name, value)
            set_env(self.settings, name, value)
        add_history(self.document, f"ENV {' '.join(f'{n}={v}' for n, v in pairs)}")

    def _label(self, instruction: Label) -> None:
        pairs = [(self.expand(n, instruction.span), self.expand(v, instruction.span)) for n, v in instruction.pairs]
        if any(not name for name, _ in pairs):
            raise self.error(instruction.span, "LABEL names can not be blank")
        self.settings["Labels"] = {**(self.settings.get("Labels") or {}), **dict(pairs)}
        add_history(self.document, f"LABEL {' '.join(f'{n}={v}' for n, v in pairs)}")

    def _command(self, instruction: Cmd | Entrypoint | Shell) -> None:
        if isinstance(instruction, Shell):
            words = list(instruction.command.args)
            self.settings["Shell"] = words
            add_history(self.document, f"SHELL [{' '.join(words)}]")
            return
        words = shelled(instruction.command, self.settings)
        if isinstance(instruction, Cmd):
            self.settings["Cmd"] = words
            self.settings["ArgsEscaped"] = True
            self._command_set = True
        else:
            self.settings["Entrypoint"] = words
            if not self._command_set:
                self.settings.pop("Cmd", None)
        add_history(self.document, f"{instruction.keyword} {quoted(words)}")

    def _setting(self, instruction: Instruction) -> None:
        """The instructions that set one field of the config."""
        settings, span = self.settings, instruction.span
        match instruction:
            case Expose():
                self._expose(instruction)
            case Volume():
                paths = [self.expand(path, span) for path in instruction.paths]
                if not all(paths):
                    raise self.error(span, "VOLUME specified can not be an empty string")
                settings["Volumes"] = {**(settings.get("Volumes") or {}), **{path: {} for path in paths}}
                add_history(self.document, f"VOLUME [{' '.join(paths)}]")
            case User():
                settings["User"] = self.expand(instruction.user, span)
                add_history(self.document, f"USER {settings['User']}")
            case Stopsignal():
                self._stopsignal(instruction)
            case Healthcheck():
                settings["Healthcheck"] = health_document(instruction)
                add_history(self.document, f"HEALTHCHECK {health_text(settings['Healthcheck'])}")
            case Onbuild():
                settings["OnBuild"] = [*(settings.get("OnBuild") or []), instruction.trigger_text]
            case Maintainer():
                self.document["author"] = instruction.name
                add_history(self.document, f"MAINTAINER {instruction.name}")
            case _:
                raise self.error(span, f"{instruction.keyword} cannot be used here")

    def _expose(self, instruction: Expose) -> None:
        found: list[str] = []
        for text in instruction.ports:
            for word in self.scope.expand_words(text, self.source, instruction.span):
                try:
                    found.extend(ports(word))
                except ValueError as error:
                    raise self.error(instruction.span, f"cannot expose `{word}`: {error}") from error
        exposed = {**(self.settings.get("ExposedPorts") or {}), **{port: {} for port in found}}
        self.settings["ExposedPorts"] = dict(sorted(exposed.items()))
        add_history(self.document, f"EXPOSE [{' '.join(found)}]")

    def _stopsignal(self, instruction: Stopsignal) -> None:
        signal = self.expand(instruction.signal, instruction.span)
        if not is_signal(signal):
            raise self.error(
                instruction.span, f"`{signal}` is not a signal", hint="write a name, as SIGTERM, or a number"
            )
        self.settings["StopSignal"] = signal
        add_history(self.document, f"STOPSIGNAL {signal}")


def _copied(document: Any) -> dict[str, Any]:
    """A config that can be changed without changing the parent stage's."""
    copied = {**document, "config": dict(document["config"])}
    copied["history"] = [dict(line) for line in document["history"]]
    return copied
