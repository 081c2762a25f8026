"""The pipelines of a script, those inside compounds and substitutions too."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Command, Pipeline, Script, Sequence, Simple

__all__ = ["pipelines"]


def pipelines(script: Script) -> Iterator[Pipeline]:
    """Every pipeline, an outer one before those inside it."""
    return _of_sequence(script.body)


def _of_sequence(sequence: Sequence) -> Iterator[Pipeline]:
    for part in sequence.parts:
        yield from _of_command(part.command)


def _of_command(command: Command) -> Iterator[Pipeline]:
    if isinstance(command, Pipeline):
        yield command
        for one in command.commands:
            yield from _of_command(one)
        return
    words = (*command.assignments, *command.words) if isinstance(command, Simple) else command.words
    for word in words:
        for inner in word.inside:
            yield from _of_sequence(inner)
    if not isinstance(command, Simple):
        for body in command.bodies:
            yield from _of_sequence(body)
