"""From the text of an instruction to its script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.lexer import Body, Line, heredoc_name, line_at
from lissom.dockerfile.shell.grammar import parse_script
from lissom.dockerfile.shell.placed import Placed, pieces_of
from lissom.dockerfile.shell.script import Script
from lissom.dockerfile.statement import Statement
from lissom.dockerfile.syntax import Cmd, Dockerfile, Entrypoint, Healthcheck, Instruction, Run

__all__ = ["named_shell", "script_of"]

_SHEBANG = re.compile(
    r"#!\s*(?:/usr/bin/env\s+|/bin/env\s+)?((?:/(?:usr/)?bin/)?(?:sh|bash|dash|ash)(?:\s+-[a-z]+)*)\s*"
)
_KIND = re.compile(r"\S+\s*")


def script_of(dockerfile: Dockerfile, instruction: Instruction) -> Script | None:
    """The shell script of RUN, CMD, ENTRYPOINT or HEALTHCHECK in shell form, of a trigger of ONBUILD too.

    None in exec form, for a heredoc that names another interpreter, and where the text is not surely understood. That
    the shell is one like sh is taken for granted: the instruction does not know.
    """
    if not _in_shell_form(instruction):
        return None
    line = line_at(dockerfile.source, instruction.span.start, dockerfile.escape)
    statement = Statement.read(line, dockerfile.escape)
    start = statement.start
    if isinstance(instruction, Healthcheck):
        kind = _KIND.match(statement.rest)
        start += kind.end() if kind else 0
    end = statement.start + len(statement.rest)
    if line.bodies and heredoc_name(line.text[start:end]):
        return _heredoc_script(line.bodies[0])
    return parse_script(Placed.of(_pieces(dockerfile, line, start, end)))


def named_shell(instruction: Instruction) -> tuple[str, ...] | None:
    """The shell, with options, that a heredoc names in its first line, if that is another than ``sh``."""
    if not isinstance(instruction, Run) or instruction.file is None:
        return None
    found = _SHEBANG.fullmatch(instruction.file.data.partition("\n")[0])
    words = tuple(found[1].split()) if found else ()
    return words if words and words[0].rpartition("/")[2] != "sh" else None


def _in_shell_form(instruction: Instruction) -> bool:
    if isinstance(instruction, Healthcheck):
        return instruction.test is not None and instruction.test.shell
    return isinstance(instruction, (Run, Cmd, Entrypoint)) and instruction.command.shell


def _heredoc_script(body: Body) -> Script | None:
    first = body.heredoc.data.partition("\n")[0]
    if first.startswith("#!") and not _SHEBANG.fullmatch(first):
        return None
    return parse_script(Placed.of(_lines(body)))


def _lines(body: Body) -> Iterator[tuple[str, int]]:
    """The lines of a body, without the tabs that ``<<-`` takes away, each with its place."""
    at = body.heredoc.span.start
    for line in re.findall(r"[^\n]*\n|[^\n]+", body.raw):
        text = line.lstrip("\t") if body.heredoc.strip_tabs else line
        yield text, at + len(line) - len(text)
        at += len(line)


def _pieces(dockerfile: Dockerfile, line: Line, start: int, end: int) -> Iterator[tuple[str, int]]:
    """The line, and behind it the heredocs as the shell is given them: each body and the line that ends it."""
    yield from pieces_of(line, start, end)
    text = dockerfile.source.text
    for body in line.bodies:
        span = body.heredoc.span
        yield "\n", text.rfind("\n", 0, span.start)
        yield body.raw, span.start
        yield body.heredoc.name, span.end - len(body.heredoc.name)
