"""Two neighbouring RUNs as one, where the shell makes no difference between them."""

from __future__ import annotations

import re

from lissom.dockerfile.shell.script import Pipeline, Script, Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Run
from lissom.lint.calls.reading import calls_of
from lissom.lint.edits.ending import appended
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.packages.installs import DATABASES
from lissom.lint.subject import StageView, StepView, Subject

__all__ = ["join", "neighbours"]

# What these change of the shell would hold for the second script too.
_LASTING = frozenset(
    ("cd", "pushd", "popd", "export", "set", "umask", "exit", "exec", "trap", "source", ".", "read", "ulimit", "shopt")
) | frozenset(("alias", "unalias", "eval", "unset", "declare", "local", "readonly", "return", "hash", "wait", "shift"))
_PROCESS = re.compile(r"\$\$|\$\{\$\}|/dev/shm|\$!|\$_|\$SHLVL|\$PPID|\$RANDOM|\$SECONDS|\$LINENO|\bhostname\b|/proc/")
_BEHIND = re.compile(r"&&[ \t]*\\[ \t]*\r?\n")
_BEFORE = re.compile(r"\n([ \t]*)&&[ \t]")


def neighbours(stage: StageView) -> list[tuple[StepView, StepView]]:
    """Each RUN that directly follows another one, with that one."""
    pairs = zip(stage.steps, stage.steps[1:], strict=False)
    return [(a, b) for a, b in pairs if isinstance(a.instruction, Run) and isinstance(b.instruction, Run)]


def join(subject: Subject, stage: StageView, first: StepView, second: StepView) -> Fix | None:
    """The fix that makes one RUN of two: ``a && b`` where both are such chains and the first changes nothing of the
    shell; where the second only tidies up, also at the end of other forms. None where that is not sure: other flags,
    something between them, heredocs, comments.
    """
    one, two = first.instruction, second.instruction
    if not isinstance(one, Run) or not isinstance(two, Run) or (first, second) not in neighbours(stage):
        return None
    if _flags(subject, one) != _flags(subject, two) or two.heredocs:
        return None
    a, b = first.script, second.script
    if a is None or b is None:
        return None
    if not one.heredocs and _joinable(a, lasting=True) and _joinable(b, lasting=False):
        edits: tuple[Edit, ...] = (_edit(subject, one, a, b),)
    else:
        edits = _appended(subject, first, second, b)
        if not edits:
            return None
    managed = any(call.program in DATABASES for step in (first, second) for call in calls_of(step))
    return Fix(
        title="join the two RUNs",
        edits=edits,
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E2 if managed else Equivalence.E0,
        because="the shell hands on nothing that the second would miss; hard links that are written to later and what "
        "lives as long as a container may still differ",
    )


def _appended(subject: Subject, first: StepView, second: StepView, script: Script) -> tuple[Edit, ...]:
    """The commands of a RUN that only tidies up at the end of the one before, whatever form that has."""
    source = subject.dockerfile.source
    text = source.cut(script.span)
    if script.chain is None or "\n" in text or not all(_tidies(command) for command in script.chain):
        return ()
    edit = appended(subject.dockerfile, first, text)
    span = second.instruction.span
    end = span.end + (source.text[span.end : span.end + 2] == "\r\n")
    end += source.text[end : end + 1] == "\n"
    return (edit, Edit(Span(span.start, end), "")) if edit else ()


def _tidies(command: Simple) -> bool:
    """Whether it does the same wherever it runs: caches are cleaned, or paths from the root are removed."""
    if command.redirections or command.assignments or any(word.value is None for word in command.words):
        return False
    values = command.values
    if command.name == "rm":
        return any(value.startswith("/") for value in values) and all(value.startswith(("/", "-")) for value in values)
    return command.name in ("apt-get", "yum", "dnf", "conda", "pip", "npm", "yarn", "apk") and any(
        value in ("clean", "autoclean", "cache") for value in values[:1]
    )


def _flags(subject: Subject, run: Run) -> list[str]:
    return sorted(subject.dockerfile.source.cut(flag.span) for flag in run.flags)


def _joinable(script: Script, *, lasting: bool) -> bool:
    if script.comments or script.heredocs or _PROCESS.search(script.text):
        return False
    for part in script.body.parts:
        if part.joiner not in ("&&", ""):
            return False
        if isinstance(part.command, Simple):
            if lasting and (not part.command.words or part.command.name in _LASTING or not part.command.name):
                return False
        elif not isinstance(part.command, Pipeline) or part.command.negated or not _plain(part.command):
            return False
    return True


def _plain(pipeline: Pipeline) -> bool:
    return all(isinstance(command, Simple) for command in pipeline.commands)


def _edit(subject: Subject, one: Run, a: Script, b: Script) -> Edit:
    """Put a continuation in the place of what separates the two; comment lines between them stay."""
    source = subject.dockerfile.source
    gap = Span(a.span.end, b.span.start)
    end = "\r\n" if "\r\n" in source.text else "\n"
    comments = [line.strip("\r\n") + end for line in source.cut(gap).split("\n") if line.lstrip().startswith("#")]
    text = source.cut(one.span)
    before = _BEFORE.search(text)
    escape = subject.dockerfile.escape
    if not before and _BEHIND.search(text):
        indent = re.search(r"\n([ \t]+)\S", text)
        joint = f" && {escape}{end}{''.join(comments)}{indent[1] if indent else '    '}"
    else:
        joint = f" {escape}{end}{''.join(comments)}{before[1] if before else '    '}&& "
    return Edit(gap, joint)
