"""Commands that make users and groups, between a COPY and what gives its files to them."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Instruction, Run
from lissom.lint.calls.reading import calls_of
from lissom.lint.subject import StepView, Subject

__all__ = ["Moved", "moved_users", "whole_lines"]

_PROGRAMS = frozenset(("useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod"))


@dataclass(frozen=True, slots=True)
class Moved:
    """What moves above a COPY: the commands as written, the RUNs that go with them, and how many commands at the begin
    of the RUN that changes owners they are.
    """

    commands: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    leading: int = 0


def moved_users(subject: Subject, copied: StepView, step: StepView, command: Simple) -> Moved | None:
    """The commands between ``copied`` and ``command`` of ``step`` that make users; None when they cannot be moved:
    others stand between them.
    """
    steps = subject.stages[step.stage].steps
    source = subject.dockerfile.source
    commands: list[str] = []
    edits: list[Edit] = []
    for one in steps[steps.index(copied) + 1 : steps.index(step)]:
        made = _made(one)
        if made is None:
            return None
        if made:
            commands += [source.cut(simple.span) for simple in made]
            edits.append(Edit(whole_lines(subject, one.instruction), ""))
    if not any(call.program in _PROGRAMS for call in calls_of(step)):
        return Moved(tuple(commands), tuple(edits))
    chain = step.script.chain if step.script else None
    at = next((at for at, one in enumerate(chain or ()) if one is command), None)
    if chain is None or not at or not all(one.name in _PROGRAMS for one in chain[:at]):
        return None
    if any(one.name in _PROGRAMS for one in chain[at:]):
        return None
    return Moved((*commands, *(source.cut(one.span) for one in chain[:at])), tuple(edits), at)


def _made(step: StepView) -> tuple[Simple, ...] | None:
    """The commands of a RUN that does nothing but make users; nothing for a step that makes none; None for others."""
    if not any(call.program in _PROGRAMS for call in calls_of(step)):
        return ()
    run, chain = step.instruction, step.script.chain if step.script else None
    plain = isinstance(run, Run) and not run.flags and not run.heredocs and chain is not None
    return chain if plain and chain and all(one.name in _PROGRAMS for one in chain) else None


def whole_lines(subject: Subject, instruction: Instruction) -> Span:
    """The instruction with the line end behind it."""
    text, end = subject.dockerfile.source.text, instruction.span.end
    end += text[end : end + 2] == "\r\n"
    end += text[end : end + 1] == "\n"
    return Span(instruction.span.start, end)
