"""What an ecosystem knows of a stage: what builds, what runs, and in what."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Instruction

__all__ = ["ROOT", "Doubt", "Recipe"]

ROOT = "/runtime"
"""Where a build gathers what comes to its own place in the last stage."""


class Doubt(Exception):  # noqa: N818 - no fault of the file, it is merely not understood
    """Why a stage is not split: a sentence without a full stop, and the place that it is about."""

    def __init__(self, span: Span, reason: str) -> None:
        super().__init__(reason)
        self.span = span
        self.reason = reason


@dataclass(frozen=True)
class Recipe:
    """How to split a stage.

    ``runtime`` is the image to run in, of the Debian ``release`` ("": not known); ``packages`` are what it needs
    besides what the file installs. ``sources`` are directories that only the build needs, ``carried`` paths that the
    last stage gets from it, ``rooted`` those that the build leaves below ``ROOT``. ``tools`` are the programs that
    the recipe answers for. ``before`` are lines to put before an instruction, ``after`` lines for the end of the build.
    ``env`` are values of the base's own config that still matter, ``command`` the words of CMD where it must change.
    ``ahead`` are commands that the last stage begins with. Where ``builds`` is False another base is all that it takes.
    ``remark`` is a comment above the last FROM; without ``installs`` the last stage has no package manager; what its
    image ``starts`` by itself is taken back.
    """

    ecosystem: str
    runtime: str
    release: str
    tools: frozenset[str]
    packages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    rooted: tuple[str, ...] = ()
    before: tuple[tuple[Instruction, str], ...] = ()
    after: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    command: tuple[str, ...] | None = None
    ahead: tuple[str, ...] = ()
    builds: bool = True
    remark: str = ""
    installs: bool = True
    starts: bool = False
