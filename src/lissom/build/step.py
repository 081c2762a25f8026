"""The words of a build plan: inputs, operations, steps, stages.

A plan is data: it can be printed without doing anything. Everything in it is resolved: variables are expanded, base
images are known by digest, paths are absolute and clean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lissom.dockerfile.source import Span
from lissom.image.image import Image
from lissom.oci.platform import Platform

__all__ = [
    "BaseInput",
    "ContextInput",
    "CopyOp",
    "FilesInput",
    "GitInput",
    "Input",
    "Operation",
    "Plan",
    "PlannedStage",
    "RunMount",
    "RunOp",
    "StageInput",
    "Step",
    "UrlInput",
    "WorkdirOp",
]


@dataclass(frozen=True, slots=True)
class ContextInput:
    """Files of the build context (``name`` is empty) or of a ``--build-context`` directory."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class StageInput:
    """The result of an earlier stage; its name is for messages."""

    index: int
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class BaseInput:
    """An image from outside, known by digest; ``image`` None is ``scratch``."""

    name: str
    image: Image | None = field(hash=False)  # a config holds dictionaries; the name tells inputs apart well enough


@dataclass(frozen=True, slots=True)
class FilesInput:
    """Here-documents of COPY and ADD: file name and content, variables already expanded."""

    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class UrlInput:
    """One remote file of ADD; ``checksum`` is ``sha256:…`` or empty."""

    url: str
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class GitInput:
    """A git repository of ADD: remote, ref (branch, tag or commit; empty: default branch), subdirectory."""

    remote: str
    ref: str = ""
    subdir: str = ""
    keep_git_dir: bool = False
    checksum: str = ""


Input = ContextInput | StageInput | BaseInput | FilesInput | UrlInput | GitInput


@dataclass(frozen=True, slots=True)
class RunMount:
    """One ``RUN --mount``. ``type`` is bind, cache, tmpfs, secret or ssh; ``target`` is absolute; sizes in bytes.

    ``input`` is what a bind or cache mount starts from (None for an empty cache).
    """

    type: str
    target: str
    source: str = ""
    input: Input | None = None
    id: str = ""
    sharing: str = "shared"
    readonly: bool = False
    required: bool = False
    size: int | None = None
    mode: int | None = None
    uid: int = 0
    gid: int = 0
    env: str = ""


@dataclass(frozen=True, slots=True)
class RunOp:
    """Run ``argv`` as ``user`` in ``cwd``.

    ``env`` is the image's environment plus the ARGs in scope, in order. ``args`` names the ARGs among them: their
    values are part of the cache key. ``proxies`` are predefined proxy ARGs: seen by the process, part of no key.
    ``files`` are scripts of here-documents: absolute path (mounted read-only for the step) and content.
    """

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    cwd: str
    user: str
    mounts: tuple[RunMount, ...] = ()
    network: str = "default"
    proxies: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyOp:
    """Copy ``sources`` (patterns, relative to the input's root) of ``input`` to ``destination``.

    ``destination`` is absolute with its trailing slash kept. ``unpack`` True unpacks local archives (ADD),
    ``chmod`` is as written (octal or symbolic), ``chown`` is ``user[:group]`` or empty.
    """

    input: Input
    sources: tuple[str, ...]
    destination: str
    chown: str = ""
    chmod: str = ""
    link: bool = False
    parents: bool = False
    excludes: tuple[str, ...] = ()
    unpack: bool = False


@dataclass(frozen=True, slots=True)
class WorkdirOp:
    """Make sure that the directory ``path`` (absolute) exists; what is made belongs to ``user``."""

    path: str
    user: str


Operation = RunOp | CopyOp | WorkdirOp


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a stage. ``operations`` run in order and make one layer (COPY of several inputs is one step).

    ``name`` is what progress shows, such as ``[build 2/5] RUN make``; ``created_by`` is the history line;
    ``history`` is the index of its line in the stage's ``config["history"]``; ``place`` is file and line.
    """

    operations: tuple[Operation, ...]
    name: str
    created_by: str
    origin: Span
    history: int
    place: str = ""


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """One stage: where it starts, what it does, what its image config is.

    ``base`` is a StageInput, BaseInput (image None is scratch). ``config`` is the whole image config document without
    ``rootfs`` and ``created`` (architecture, os, variant, author, config, history); history holds the base's lines
    followed by one line for each instruction, with ``empty_layer`` on those that make no layer. ``origins`` tells what
    in the Dockerfile its lines came from, by their number.
    """

    index: int
    name: str
    base: StageInput | BaseInput
    platform: Platform
    steps: tuple[Step, ...]
    config: Mapping[str, Any]
    origins: Mapping[int, Span] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages that the target needs, in an order in which each comes after those it needs; the last is the target.

    ``skipped`` names the stages that are never touched. ``warnings`` are messages for the user.
    """

    stages: tuple[PlannedStage, ...]
    skipped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def target(self) -> PlannedStage:
        return self.stages[-1]
