"""The words of a parsed shell script. Spans are places in the Dockerfile, so that an edit can be made there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lissom.dockerfile.source import Span

__all__ = ["Command", "Compound", "Part", "Pipeline", "Redirection", "Script", "Sequence", "Simple", "Word"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word. ``text`` is as written, continuations gone; ``value`` is what the shell makes of it, quotes removed,
    None when that depends on variables or substitutions. ``glob`` tells whether it holds an unquoted pattern.
    """

    text: str
    value: str | None
    span: Span
    glob: bool = False


@dataclass(frozen=True, slots=True)
class Redirection:
    """``2>/dev/null``: the operator, the descriptor if it is written, where to. A heredoc has its start as target."""

    operator: str
    descriptor: int | None
    target: Word | None
    span: Span


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple command: assignments, then words, redirections wherever they stood. Without words it only assigns."""

    assignments: tuple[Word, ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    span: Span

    @property
    def name(self) -> str:
        """The program's base name; empty when there is none or it is not a constant."""
        value = self.words[0].value if self.words else None
        return (value or "").rpartition("/")[2]

    @property
    def values(self) -> tuple[str, ...]:
        """The words behind the name, those that are not constant as written."""
        return tuple(word.text if word.value is None else word.value for word in self.words[1:])


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by ``|``; also one command behind ``!``."""

    commands: tuple[Command, ...]
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Compound:
    """A compound command. ``kind`` is subshell, group, if, for, while, until, case, function or test; ``bodies`` are
    its lists in the order written (of ``if``: condition, then-part, … else-part); ``words`` those of a ``for`` or case.
    """

    kind: str
    bodies: tuple[Sequence, ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    span: Span


Command = Simple | Pipeline | Compound


@dataclass(frozen=True, slots=True)
class Part:
    """A command of a list and what stands behind it: ``&&``, ``||``, ``;`` (a line end too), ``&`` or nothing."""

    command: Command
    joiner: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """Commands in a row; ``span`` is from the first character of the first to the last one of the last."""

    parts: tuple[Part, ...]
    span: Span

    def commands(self) -> Iterator[Simple]:
        """Every simple command in it, also inside compounds, in the order written."""
        for part in self.parts:
            yield from _simple(part.command)


@dataclass(frozen=True, slots=True)
class Script:
    """The script of an instruction. ``text`` is what the shell gets; ``comments`` are the places of shell comments."""

    text: str
    body: Sequence
    comments: tuple[Span, ...] = ()

    @property
    def span(self) -> Span:
        return self.body.span

    def commands(self) -> Iterator[Simple]:
        """Every simple command, also inside compounds and substitutions' surroundings, in the order written."""
        return self.body.commands()

    @property
    def chain(self) -> tuple[Simple, ...] | None:
        """The commands if the script is nothing but simple commands joined by ``&&``, else None."""
        parts = self.body.parts
        if any(part.joiner not in ("&&", "") for part in parts):
            return None
        found = tuple(part.command for part in parts if isinstance(part.command, Simple))
        return found if len(found) == len(parts) else None


def _simple(command: Command) -> Iterator[Simple]:
    if isinstance(command, Simple):
        yield command
    elif isinstance(command, Pipeline):
        for one in command.commands:
            yield from _simple(one)
    else:
        for body in command.bodies:
            yield from body.commands()
