"""A RUN without one of its commands."""

from __future__ import annotations

from collections.abc import Sequence

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Run
from lissom.lint.copies.user_making import whole_lines
from lissom.lint.effects.act import Act
from lissom.lint.subject import StepView, Subject

__all__ = ["without"]


def without(
    subject: Subject, step: StepView, command: Simple, leading: int, kept: Sequence[tuple[Act, Sequence[str]]]
) -> tuple[Edit, ...] | None:
    """The edits that take ``command`` out of a chain of ``&&``, and ``leading`` commands at its begin; None if it is
    none. With ``kept`` the command stays, but only for the directories that its acts name and those beside each.
    """
    script, run = step.script, step.instruction
    chain = (script.chain or ()) if script else ()
    at = next((at for at, one in enumerate(chain) if one is command), None)
    if at is None or not isinstance(run, Run) or run.heredocs or run.mounts:
        return None
    start = chain[0].span.start if leading else command.span.start
    if kept:
        option = _recursive(subject, command)
        if option is None:
            return None
        more = [Edit(Span(act.span.end, act.span.end), "".join(f" {path}" for path in paths)) for act, paths in kept]
        begin = [Edit(Span(start, command.span.start), "")] if leading else []
        return (*begin, option, *(edit for edit in more if edit.replacement))
    if leading + 1 == len(chain) or len(chain) == 1:
        return (Edit(whole_lines(subject, run), ""),)
    if at + 1 < len(chain):
        return (Edit(Span(start, chain[at + 1].span.start), ""),)
    return (Edit(Span(chain[at - 1].span.end, command.span.end), ""),)


def _recursive(subject: Subject, command: Simple) -> Edit | None:
    """The edit that takes -R away, with a blank."""
    text = subject.dockerfile.source.text
    option = next((word for word in command.words[1:] if word.value in ("-R", "--recursive")), None)
    if option is None:
        return None
    if text[option.span.end : option.span.end + 1] == " ":
        return Edit(Span(option.span.start, option.span.end + 1), "")
    before = text[option.span.start - 1 : option.span.start] == " "
    return Edit(Span(option.span.start - 1, option.span.end), "") if before else None
