"""What rules look at: the Dockerfile with what is in force at each instruction, its context, what its image shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lissom.dockerfile.shell.script import Script, Simple
from lissom.dockerfile.syntax import Dockerfile, Instruction, Run, Stage
from lissom.rootfs.tree import Tree

__all__ = ["Base", "ContextFacts", "Shown", "StageView", "StepView", "Subject"]


@dataclass(frozen=True, slots=True)
class Base:
    """What a stage stands on. ``image`` is the outside image at the bottom, variables expanded as far as defaults allow
    (None: they do not); ``name`` and ``tag`` its parts; ``family`` is debian, alpine, redhat, suse, arch, busybox,
    distroless, scratch, windows or "" when the name does not tell; ``language`` what its official image is for: node,
    python, java, go, ruby, php, rust, dotnet, …, or "". ``parent`` is the index of the stage that FROM names.
    """

    image: str | None
    name: str
    tag: str
    digest: str
    family: str
    language: str
    parent: int | None


@dataclass(frozen=True)
class StepView:
    """One instruction and what is in force when it runs.

    ``env`` holds ENV and ARG values as far as they are known (None: set, value unknown); ``user`` and ``workdir`` as
    written so far in this stage and those below it (None: the base's); ``shell`` is None for the base's own; of a
    heredoc that names one, it is that one.
    ``script`` is of RUN, CMD, ENTRYPOINT and HEALTHCHECK in shell form: None in exec form or when it is not understood.
    """

    instruction: Instruction
    stage: int
    env: Mapping[str, str | None]
    user: str | None
    workdir: str | None
    shell: tuple[str, ...] | None
    script: Script | None

    @property
    def commands(self) -> tuple[Simple, ...]:
        """Every simple command of the script; nothing when it is not understood."""
        return tuple(self.script.commands()) if self.script else ()


@dataclass(frozen=True)
class StageView:
    """A stage. ``final`` is the one that is built: the last, or the target. ``shipped`` tells whether its layers are
    in the image: the final stage's and those that it stands on. ``used`` tells whether the final stage needs it at all.
    """

    stage: Stage
    base: Base
    steps: tuple[StepView, ...]
    final: bool
    shipped: bool
    used: bool

    @property
    def runs(self) -> Iterator[StepView]:
        """Its RUN steps."""
        return (step for step in self.steps if isinstance(step.instruction, Run))


@dataclass(frozen=True)
class ContextFacts:
    """The build context: its files before ``.dockerignore`` is applied, and that file's text (None: there is none).

    ``ignore_name`` is what the ignore file is called; ``ignored`` tells for a path of ``tree`` whether it stays out.
    """

    tree: Tree
    ignore_name: str
    ignore_text: str | None
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shown:
    """What the built image shows: bytes of one kind of waste that the instruction at ``lines`` left. ``kind`` is a
    ``WasteKind``'s name in lower case, ``detail`` what it is more exactly; ``hidden_by`` are the lines that hid it.
    """

    kind: str
    lines: tuple[int, int]
    size: int
    paths: tuple[str, ...] = ()
    detail: str = ""
    hidden_by: tuple[int, int] | None = None


@dataclass(frozen=True)
class Subject:
    """All that rules may look at. ``context`` and ``shown`` are there when somebody gave a directory or an image."""

    dockerfile: Dockerfile
    stages: tuple[StageView, ...]
    context: ContextFacts | None = None
    shown: tuple[Shown, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def final(self) -> StageView:
        """The stage that is built."""
        return next(stage for stage in self.stages if stage.final)

    def steps(self) -> Iterator[StepView]:
        """Every step of every stage in the order written."""
        return (step for stage in self.stages for step in stage.steps)

    def lines(self, instruction: Instruction) -> tuple[int, int]:
        """First and last line of an instruction, from 1."""
        source = self.dockerfile.source
        return source.line_col(instruction.span.start)[0], source.line_col(max(instruction.span.end - 1, 0))[0]

    def measured(self, instruction: Instruction, kind: str, detail: str = "") -> int | None:
        """Bytes of a kind of waste that the built image shows for an instruction; None when no image was given."""
        if not self.shown:
            return None
        first, last = self.lines(instruction)
        return sum(
            one.size
            for one in self.shown
            if one.kind == kind and first <= one.lines[0] <= last and (not detail or one.detail == detail)
        )
