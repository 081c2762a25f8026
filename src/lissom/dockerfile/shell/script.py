"""The words of a parsed shell script. Spans are places in the Dockerfile, so that an edit can be made there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lissom.dockerfile.source import Span

__all__ = ["Command", "Compound", "Part", "Pipeline", "Redirection", "Script", "Sequence", "Simple", "Word"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word. ``text`` is as written, continuations gone; ``value`` is what the shell makes of it, quotes removed,
    None when that depends on variables, substitutions or the home directory. ``glob`` tells whether it holds an
    unquoted pattern (braces too); ``inside`` are the scripts of its substitutions.
    """

    text: str
    value: str | None
    span: Span
    glob: bool = False
    inside: tuple[Sequence, ...] = ()


@dataclass(frozen=True, slots=True)
class Redirection:
    """``2>/dev/null``: the operator, the descriptor if it is written, where to. A heredoc has its name as target."""

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
    """A compound command. ``kind`` is subshell, group, if, for, while, until, case, function, test (``[[ ]]``) or
    arithmetic; ``bodies`` are its lists in the order written (of ``if``: condition, then-part, … else-part); ``words``
    those of ``for`` behind the name, what ``case`` looks at, a function's name, what ``[[ ]]`` holds.

    ``[`` and ``test`` are simple commands, as they are in the shell.
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
    """Commands in a row; ``span`` is from the first character of the first to the last one of the last.

    Only a branch of ``case`` and a substitution may be without commands.
    """

    parts: tuple[Part, ...]
    span: Span

    def commands(self) -> Iterator[Simple]:
        """Every simple command in it, also inside compounds, in the order written."""
        for part in self.parts:
            yield from _simple(part.command)


@dataclass(frozen=True, slots=True)
class Script:
    """The script of an instruction. ``text`` is what the shell gets; ``comments`` are the places of shell comments,
    ``heredocs`` those of the bodies of its own heredocs, with the line that ends them.
    """

    text: str
    body: Sequence
    comments: tuple[Span, ...] = ()
    heredocs: tuple[Span, ...] = ()

    @property
    def span(self) -> Span:
        return self.body.span

    def commands(self) -> Iterator[Simple]:
        """Every simple command, also inside compounds, in the order written; those in substitutions are left out."""
        return self.body.commands()

    def substituted(self) -> Iterator[Simple]:
        """Every simple command that stands in a substitution: ``$(…)``, backquotes, ``<(…)``."""
        yield from _substituted(self.body)

    @property
    def chain(self) -> tuple[Simple, ...] | None:
        """The commands if the script is nothing but simple commands joined by ``&&``, else None."""
        parts = self.body.parts
        if any(part.joiner not in ("&&", "") for part in parts):
            return None
        found = tuple(part.command for part in parts if isinstance(part.command, Simple))
        return found if len(found) == len(parts) else None


def _substituted(sequence: Sequence) -> Iterator[Simple]:
    for word in _words(sequence):
        for inner in word.inside:
            yield from inner.commands()
            yield from _substituted(inner)


def _words(sequence: Sequence) -> Iterator[Word]:
    """Every word of a list, those of redirections and assignments too."""
    commands: list[Command] = [part.command for part in reversed(sequence.parts)]
    while commands:
        command = commands.pop()
        if isinstance(command, Pipeline):
            commands += reversed(command.commands)
            continue
        yield from (*command.assignments, *command.words) if isinstance(command, Simple) else command.words
        yield from (one.target for one in command.redirections if one.target)
        if isinstance(command, Compound):
            commands += (part.command for body in reversed(command.bodies) for part in reversed(body.parts))


def _simple(command: Command) -> Iterator[Simple]:
    if isinstance(command, Simple):
        yield command
    elif isinstance(command, Pipeline):
        for one in command.commands:
            yield from _simple(one)
    else:
        for body in command.bodies:
            yield from body.commands()
