"""The words of a parsed Dockerfile: instructions, stages, and the pieces of text between them.

Values are as written: variables are not expanded and quotes not removed (``build`` does both through ``expand``),
except in ``Healthcheck``'s durations, which the language does not expand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lissom.dockerfile.source import Source, Span

__all__ = [
    "Add",
    "Arg",
    "Blank",
    "Cmd",
    "Command",
    "Comment",
    "Copy",
    "Directive",
    "Dockerfile",
    "Entrypoint",
    "Env",
    "Expose",
    "Flag",
    "From",
    "Healthcheck",
    "Heredoc",
    "Instruction",
    "Item",
    "Label",
    "Maintainer",
    "MountFlag",
    "Onbuild",
    "Run",
    "Shell",
    "Stage",
    "Stopsignal",
    "User",
    "Volume",
    "Warning",
    "Workdir",
]


@dataclass(frozen=True, slots=True)
class Flag:
    """``--name=value`` as written; ``value`` is None for a bare ``--name``."""

    name: str
    value: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class MountFlag:
    """One ``RUN --mount``: keys lower-case in the order written, values unexpanded; a bare key has the value None."""

    pairs: tuple[tuple[str, str | None], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document. ``data`` has the tabs already stripped; ``expand`` is False when its name was quoted.

    ``span`` covers the lines of the body and the line that ends it.
    """

    name: str
    data: str
    strip_tabs: bool
    expand: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Command:
    """What to start. Shell form: one string for the shell. Exec form: the words of the JSON array, perhaps none."""

    shell: bool
    args: tuple[str, ...]

    @classmethod
    def of(cls, words: tuple[str, ...] | None, text: str) -> Command:
        """Exec form if there are ``words``, else ``text`` for the shell."""
        return cls(words is None, (text,) if words is None else words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction: ``keyword`` upper-case, ``span`` with its continuation lines and heredocs, without the last
    line end; ``text`` is the instruction on one line (comments and continuations gone), for names and history."""

    keyword: str
    span: Span
    text: str
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class From(Instruction):
    """FROM. ``name`` is lower-case; ``name_span`` and ``image_span`` are where they are written."""

    image: str
    image_span: Span
    platform: str | None = None
    name: str | None = None
    name_span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arg(Instruction):
    """ARG: names and their defaults (None: no default)."""

    pairs: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Env(Instruction):
    """ENV: names and values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Instruction):
    """LABEL: names and values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Instruction):
    """RUN. ``command.args[0]`` of a shell form is the line without heredoc bodies; ``script`` is what the shell gets.

    ``script`` holds the bodies too (empty in exec form); if the command is nothing but one heredoc it is the body.
    ``file`` is that heredoc if its body begins with ``#!``: it is then run as ``/dev/pipes/NAME``, not by the shell.
    """

    command: Command
    script: str = ""
    file: Heredoc | None = None
    mounts: tuple[MountFlag, ...] = ()
    network: str | None = None
    security: str | None = None
    heredocs: tuple[Heredoc, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cmd(Instruction):
    """CMD."""

    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrypoint(Instruction):
    """ENTRYPOINT."""

    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell(Instruction):
    """SHELL, always in exec form."""

    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(Instruction):
    """COPY. A heredoc is a source of its own: ``sources`` does not hold its ``<<NAME``."""

    sources: tuple[str, ...]
    destination: str
    heredocs: tuple[Heredoc, ...] = ()
    from_: str | None = None
    chown: str | None = None
    chmod: str | None = None
    link: bool = False
    parents: bool = False
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Instruction):
    """ADD. ``keep_git_dir`` and ``unpack`` are None when not given."""

    sources: tuple[str, ...]
    destination: str
    heredocs: tuple[Heredoc, ...] = ()
    chown: str | None = None
    chmod: str | None = None
    link: bool = False
    exclude: tuple[str, ...] = ()
    checksum: str | None = None
    keep_git_dir: bool | None = None
    unpack: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expose(Instruction):
    """EXPOSE."""

    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Instruction):
    """VOLUME."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Instruction):
    """USER."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workdir(Instruction):
    """WORKDIR."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopsignal(Instruction):
    """STOPSIGNAL."""

    signal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthcheck(Instruction):
    """HEALTHCHECK. Durations are nanoseconds, 0 where not given; ``none`` is ``HEALTHCHECK NONE``."""

    none: bool
    test: Command | None = None
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Onbuild(Instruction):
    """ONBUILD. ``trigger_text`` is what the image's config keeps; ``parse_instruction`` reads it again."""

    trigger: Instruction
    trigger_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintainer(Instruction):
    """MAINTAINER."""

    name: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A line that is a comment, with its line end."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Directive:
    """A ``# name=value`` line at the top of the file; ``name`` is lower-case."""

    span: Span
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Blank:
    """Characters between other items: empty lines, indentation, line ends, a byte order mark."""

    span: Span


Item = Instruction | Comment | Directive | Blank


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - the word of the Dockerfile checks
    """Something that works but should be written otherwise; ``code`` is BuildKit's name of the check."""

    code: str
    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Stage:
    """A FROM and what follows it. ``name`` is lower-case; ``index`` counts from 0."""

    from_: From
    instructions: tuple[Instruction, ...]
    index: int
    name: str | None


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A parsed Dockerfile. ``items`` tile ``source.text``; ``meta_args`` are the ARGs before the first FROM."""

    source: Source
    directives: Mapping[str, str]
    escape: str
    items: tuple[Item, ...]
    instructions: tuple[Instruction, ...]
    meta_args: tuple[Arg, ...]
    stages: tuple[Stage, ...]
    warnings: tuple[Warning, ...]
