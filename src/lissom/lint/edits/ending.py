"""A command more at the end of a RUN: where the exit status stays the same, and in the layout that is there."""

from __future__ import annotations

import re
from collections.abc import Sequence as Row
from itertools import pairwise

from lissom.dockerfile.shell.script import Command, Compound, Part, Pipeline, Script, Simple
from lissom.dockerfile.source import Edit, Source, Span
from lissom.dockerfile.syntax import Dockerfile, Run
from lissom.lint.calls.wrappers import text_of
from lissom.lint.subject import StepView

__all__ = ["appended", "surely_done", "with_line_end"]

_JOINERS = ("&&", ";")
_LEAVING = frozenset(("exec", "exit", "return", "trap", ".", "source", "eval", "set"))
_GAP = re.compile(r"[ \t]*(?:\\|`)?[ \t]*\r?\n[ \t]*|[ \t]+")


def appended(dockerfile: Dockerfile, step: StepView, command: str) -> Edit | None:
    """The edit that runs ``command`` once the script of a RUN succeeded; None where that is not sure.

    The RUN fails when it failed before, and with the same status.
    """
    script = step.script
    run = step.instruction
    if script is None or not isinstance(run, Run) or not _understood(script, step):
        return None
    parts = script.body.parts
    joined = _joiner(script, parts, _exits_on_error(step))
    if joined is None:
        return None
    end = parts[-1].command.span.end
    if any(span.start >= end for span in script.heredocs):
        return None
    return Edit(Span(end, end), _gap(dockerfile, step, script, joined) + command)


def surely_done(step: StepView, command: Simple) -> bool:
    """Whether a command has run, and not failed, wherever the script comes to its end with success."""
    if step.script is None:
        return False
    if step.script.chain is not None:
        return command in step.script.chain
    before = ";"
    for part in step.script.body.parts:
        if part.command is command:
            return _exits_on_error(step) and before == ";" and part.joiner in (";", "")
        before = part.joiner
    return False


def with_line_end(source: Source, span: Span) -> Span:
    """The span of an instruction with the blanks before it and the line end behind it, for taking it out."""
    start = len(source.text[: span.start].rstrip(" \t"))
    end = source.text.find("\n", span.end)
    return Span(start, len(source.text) if end < 0 else end + 1)


def _exits_on_error(step: StepView) -> bool:
    """Whether the script ends at the first command that fails, from its first command on."""
    shell = step.shell or ()
    if any(word.startswith("-") and "e" in word and not word.startswith("--") for word in shell[1:]):
        return True
    script = step.script
    first = script.body.parts[0].command if script else None
    return isinstance(first, Simple) and first.name == "set" and _sets_e(first)


def _understood(script: Script, step: StepView) -> bool:
    """Whether the shell is like sh, and does not stop to expand patterns or to run what is appended."""
    if step.shell and step.shell[0].rpartition("/")[2] not in ("sh", "bash", "ash", "dash"):
        return False
    if any(word.startswith("-") and "f" in word and not word.startswith("--") for word in (step.shell or ())[1:]):
        return False
    last = script.body.parts[-1]
    if last.joiner == "&" or _leaves(last.command):
        return False
    for command in script.commands():
        letters = [value for value in command.values if value.startswith(("-", "+"))]
        if command.name == "set" and (any("f" in value for value in letters) or "noglob" in command.values):
            return False
        if command.name in ("trap", "shopt") or (command.name == "set" and any(v.startswith("+") for v in letters)):
            return False
    return True


def _leaves(command: Command) -> bool:
    if isinstance(command, Pipeline):
        return any(_leaves(one) for one in command.commands)
    return isinstance(command, Simple) and command.name in _LEAVING


def _joiner(script: Script, parts: Row[Part], exits: bool) -> str | None:
    """What joins one more command to the last list, so that the status of what failed is kept."""
    lone = len(parts) == 1 or parts[-2].joiner not in ("&&", "||")
    risky = _is_risky(script, parts[-1].command)
    if exits and lone and not (isinstance(parts[-1].command, Pipeline) and parts[-1].command.negated):
        return ";" if risky or (len(parts) > 1 and parts[-2].joiner == ";") else "&&"
    if risky and (exits or any(command.name == "set" for command in script.commands())):
        return None
    return "&&"


def _is_risky(script: Script, command: Command) -> bool:
    """Whether errexit would count inside the command: behind it an && switches that off."""
    if isinstance(command, Pipeline):
        return any(_is_risky(script, one) for one in command.commands)
    if isinstance(command, Simple):
        functions = {
            text_of(word)
            for part in script.body.parts
            if isinstance(part.command, Compound) and part.command.kind == "function"
            for word in part.command.words
        }
        return command.name in functions
    return True


def _sets_e(command: Simple) -> bool:
    values = command.values
    return any(v.startswith("-") and "e" in v.partition("o")[0] for v in values) or "errexit" in values


def _gap(dockerfile: Dockerfile, step: StepView, script: Script, joiner: str) -> str:
    """What stands between commands of this script, else what fits its lines."""
    source = dockerfile.source
    heredoc = _in_heredoc(step, script)
    parts = script.body.parts
    for before, after in reversed(list(pairwise(parts))):
        text = source.text[before.command.span.end : after.command.span.start]
        if before.joiner not in _JOINERS or "\n" not in text:
            continue
        first, *rest = text.splitlines(keepends=True)
        lines = [first, *(line for line in rest if line.strip("\r\n") and not line.lstrip().startswith("#"))]
        gap = "".join(lines)
        if _is_plain(gap, before.joiner) and (before.joiner == joiner or joiner in gap or not heredoc):
            return _with_joiner(gap, before.joiner, joiner)
    return _default_gap(dockerfile, step, script, joiner, heredoc=heredoc)


def _is_plain(gap: str, joiner: str) -> bool:
    rest = gap.replace(joiner, "", 1)
    return not _GAP.sub("", rest).strip("\\`")


def _with_joiner(gap: str, old: str, new: str) -> str:
    if old == new or old not in gap:
        return gap
    if new == ";":
        return gap.replace(" " + old, new, 1) if " " + old in gap else gap.replace(old, new, 1)
    return gap.replace(old, " " + new, 1) if old == ";" else gap.replace(old, new, 1)


def _default_gap(dockerfile: Dockerfile, step: StepView, script: Script, joiner: str, *, heredoc: bool) -> str:
    source = dockerfile.source
    end = script.body.parts[-1].command.span.end
    newline = "\r\n" if "\r\n" in source.text else "\n"
    line = source.line(source.line_col(max(end - 1, 0))[0])
    indent = re.match(r"[ \t]*", source.cut(line))
    blanks = indent[0] if indent else ""
    if heredoc:
        return f"{newline}{blanks}" if joiner == ";" else f" {joiner} "
    first = source.line_col(step.instruction.span.start)[0]
    if source.line_col(max(end - 1, 0))[0] == first:
        return f"{joiner} " if joiner == ";" else f" {joiner} "
    escape = dockerfile.escape
    if joiner == ";":
        return f"; {escape}{newline}{blanks}"
    return f" {escape}{newline}{blanks}{joiner} "


def _in_heredoc(step: StepView, script: Script) -> bool:
    run = step.instruction
    return isinstance(run, Run) and any(h.span.start <= script.span.start < h.span.end for h in run.heredocs)
