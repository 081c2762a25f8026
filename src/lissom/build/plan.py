"""From a Dockerfile to a plan: which stages are needed, what each does, what its config is.

Pure but for ``resolve``, which gives base images by digest and is asked only for those that the target needs.
What BuildKit's frontend does is what "correct" means here, its surprises included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lissom.build.scope import Scope, is_predefined
from lissom.build.stage import StagePlanner
from lissom.build.step import BaseInput, ContextInput, CopyOp, Input, Plan, PlannedStage, StageInput
from lissom.dockerfile.fault import Fault, dockerfile_error, error_at, nearest
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Arg, Dockerfile, Stage
from lissom.errors import LissomError, UsageError
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference

__all__ = ["PlanOptions", "Planner", "Resolve", "plan", "show"]

Resolve = Callable[[str, Platform], BaseInput]


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """What the command line says about a build. ``platform`` is the target's, ``build_platform`` this machine's.

    ``proxies`` are proxy variables of RUN besides those among ``build_args``; ``build_contexts`` replace stages, base
    images and ``--from`` names.
    """

    build_args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    platform: Platform = field(default_factory=Platform.host)
    build_platform: Platform = field(default_factory=Platform.host)
    build_contexts: Mapping[str, BaseInput | ContextInput] = field(default_factory=dict)
    network: str = "default"
    proxies: Mapping[str, str] = field(default_factory=dict)


def plan(dockerfile: Dockerfile, options: PlanOptions, resolve: Resolve) -> Plan:
    """The steps that lead to ``options.target`` (the last stage by default).

    Raises DockerfileError for faults of the text, UsageError for an unknown target, and what ``resolve`` raises.
    """
    return Planner(dockerfile, options, resolve).plan()


class Planner:
    """One planning: stages are planned when something asks for them, so that the others are never touched."""

    def __init__(self, dockerfile: Dockerfile, options: PlanOptions, resolve: Resolve) -> None:
        self.dockerfile = dockerfile
        self.options = options
        self.source = dockerfile.source
        self._resolve = resolve
        self._bases: dict[tuple[str, Platform], BaseInput] = {}
        self._done: dict[int, tuple[PlannedStage, Scope]] = {}
        self._open: list[int] = []
        self.warnings: list[str] = []
        self.globals = self._global_scope()

    def plan(self) -> Plan:
        if not self.dockerfile.stages:
            raise error_at(self.source, Span(0, 0), "the file has no FROM")
        self._check()
        target = self._target()
        self.stage(target)
        self._warn_unused()
        stages = tuple(planned for planned, _ in self._done.values())
        labels = dict(sorted(self.options.labels.items()))
        if labels:
            settings = stages[-1].config["config"]
            settings["Labels"] = {**(settings.get("Labels") or {}), **labels}
        skipped = tuple(s.name or str(s.index) for s in self.dockerfile.stages if s.index not in self._done)
        return Plan(stages, skipped, tuple(self.warnings))

    def stage(self, stage: Stage) -> tuple[PlannedStage, Scope]:
        """The plan of a stage and of all that it needs."""
        if stage.index not in self._done:
            self._open.append(stage.index)
            made = StagePlanner(self, stage).plan()
            self._open.pop()
            self._done[stage.index] = made
        return self._done[stage.index]

    def input_named(self, name: str, current: Stage, span: Span) -> Input:
        """What ``--from=NAME`` means: a stage by name or number, a named context, or an image."""
        if name.isascii() and name.isdigit():
            if int(name) >= len(self.dockerfile.stages):
                raise error_at(
                    self.source, span, f"there is no stage {name}", hint=f"the stages are 0 to {current.index}"
                )
            return self._earlier(self.dockerfile.stages[int(name)], name, current, span)
        found = self.find_stage(name)
        if found is not None:
            return self._earlier(found, name, current, span)
        given = self.context_named(name)
        if given is not None:
            return given
        if name == "scratch":
            return BaseInput("scratch", None)
        return self.base(name, self.options.platform, current, span)

    def context_named(self, name: str) -> BaseInput | ContextInput | None:
        """The ``--build-context`` that replaces ``name``."""
        contexts = self.options.build_contexts
        if name in contexts:
            return contexts[name]
        familiar = _familiar(name)
        for given in contexts:
            if _familiar(given) == familiar or given.lower() == name.lower():
                return contexts[given]
        return None

    def base(self, name: str, platform: Platform, stage: Stage, span: Span) -> BaseInput:
        """An image from outside; asked for once per platform. A name that cannot be one is the text's fault."""
        key = (name, platform)
        if key not in self._bases:
            try:
                Reference.parse(name)
            except UsageError as error:
                raise error_at(self.source, span, error.message, hint=self._similar(name, stage)) from error
            try:
                self._bases[key] = self._resolve(name, platform)
            except LissomError as error:
                error.hint = self._similar(name, stage) or error.hint
                number, _ = self.source.line_col(span.start)
                line = self.source.line(number)
                error.message += f"\n  {self.source.name}:{number}: {self.source.text[line.start : line.end].strip()}"
                raise
        return self._bases[key]

    def find_stage(self, name: str, before: int | None = None) -> Stage | None:
        """The stage of that name in any case; of several the last one before ``before``."""
        lower = name.lower()
        found = [s for s in self.dockerfile.stages[:before] if s.name == lower]
        return found[-1] if found else None

    def _similar(self, name: str, stage: Stage) -> str | None:
        close = nearest(name.lower(), [s.name for s in self.dockerfile.stages[: stage.index] if s.name])
        return f"did you mean the stage `{close}`?" if close else None

    def _earlier(self, stage: Stage, name: str, current: Stage, span: Span) -> StageInput | BaseInput | ContextInput:
        if stage.index in self._open or stage.index >= current.index:
            raise error_at(
                self.source,
                span,
                f"cannot copy from stage `{name}`: it needs to be defined before the stage that copies",
            )
        replaced = self.context_named(stage.name) if stage.name else None
        if replaced is not None:
            return replaced
        self.stage(stage)
        return StageInput(stage.index, stage.name or "")

    def _check(self) -> None:
        """Warn of what the checks find, unless ``# check=skip=`` names it; with ``error=true`` it is an error."""
        settings = dict(
            part.strip().partition("=")[::2] for part in self.dockerfile.directives.get("check", "").split(";")
        )
        skipped = {name.strip() for name in settings.get("skip", "").split(",")}
        found = [w for w in self.dockerfile.warnings if "all" not in skipped and w.code not in skipped]
        if found and settings.get("error", "").lower() == "true":
            faults = [Fault(warning.span, f"{warning.code}: {warning.message}") for warning in found]
            raise dockerfile_error(self.source, faults)
        self.warnings.extend(f"{self.source.place(w.span)}: {w.message} ({w.code})" for w in found)

    def _target(self) -> Stage:
        wanted = self.options.target
        if not wanted:
            return self.dockerfile.stages[-1]
        found = self.find_stage(wanted)
        if found is None:
            names = [s.name for s in self.dockerfile.stages if s.name]
            close = nearest(wanted.lower(), names)
            listed = ", ".join(f"`{name}`" for name in names)
            hint = f"did you mean `{close}`?" if close else f"the stages with a name are {listed}" if names else None
            raise UsageError(
                f"cannot build target `{wanted}`: there is no stage of that name in `{self.source.name}`", hint=hint
            )
        return found

    def _global_scope(self) -> Scope:
        scope = Scope(escape=self.dockerfile.escape)
        for name, value in self._platform_arguments().items():
            scope.set(name, self.options.build_args.get(name, value))
        for instruction in self.dockerfile.meta_args:
            for name, default in instruction.pairs:
                if name in self.options.build_args:
                    scope.set(name, self.options.build_args[name])
                elif default is not None:
                    scope.set(name, scope.expand(default, self.source, instruction.span))
        return scope

    def _platform_arguments(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for prefix, platform in (("BUILD", self.options.build_platform), ("TARGET", self.options.platform)):
            found[f"{prefix}PLATFORM"] = str(platform)
            found[f"{prefix}OS"] = platform.os
            found[f"{prefix}OSVERSION"] = ""
            found[f"{prefix}ARCH"] = platform.architecture
            found[f"{prefix}VARIANT"] = platform.variant
        return {**found, "TARGETSTAGE": self.options.target or "default"}

    def _warn_unused(self) -> None:
        declared = {name for i in self.dockerfile.instructions if isinstance(i, Arg) for name, _ in i.pairs}
        for _, scope in self._done.values():
            declared.update(scope.args)
        unused = sorted(n for n in self.options.build_args if n not in declared and not is_predefined(n))
        unused = [name for name in unused if name not in self._platform_arguments()]
        if unused:
            names = ", ".join(f"`{name}`" for name in unused)
            self.warnings.append(f"no ARG declares {names}: the build argument has no effect")


def _familiar(name: str) -> str:
    try:
        return Reference.parse(name).familiar.removesuffix(":latest")
    except LissomError:
        return name


def show(plan: Plan) -> str:
    """The plan as text for a reader: each stage with its base, its steps and what they read."""
    lines: list[str] = []
    for stage in plan.stages:
        lines.append(f"stage {stage.index}{f' ({stage.name})' if stage.name else ''} from {_base(stage)}")
        lines.append(f"  platform {stage.platform}")
        for step in stage.steps:
            lines.append(f"  {step.name}")
            lines.extend(f"    reads {_input(op.input)}" for op in step.operations if isinstance(op, CopyOp))
    lines.extend(f"skipped: stage {name}" for name in plan.skipped)
    lines.extend(f"warning: {message}" for message in plan.warnings)
    return "\n".join(lines)


def _base(stage: PlannedStage) -> str:
    if isinstance(stage.base, BaseInput) and stage.base.image is not None:
        return f"{stage.base.name}@{stage.base.image.digest}"
    return _input(stage.base)


def _input(source: Input) -> str:
    match source:
        case ContextInput(name):
            return f"the build context {name}".rstrip()
        case StageInput(index):
            return f"stage {index}"
        case BaseInput(name):
            return f"image {name}" if source.image is not None else "scratch"
    return type(source).__name__.removesuffix("Input").lower() + " " + _remote(source)


def _remote(source: Input) -> str:
    return str(getattr(source, "url", "") or getattr(source, "remote", "") or "text of the Dockerfile")
