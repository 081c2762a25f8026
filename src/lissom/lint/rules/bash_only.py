"""A RUN speaks bash, and the shell does not.

What: `source`, `[[ … ]]`, `set -o pipefail`, `pushd`, `shopt`, `declare`, `<(…)`, `[ a == b ]` or `&>` in a RUN of a
stage whose `/bin/sh` is dash (Debian, Ubuntu and what stands on them) and that has no SHELL; where it is busybox's
shell (Alpine), only what that does not know. Bases whose name does not tell are left alone.
Why: the build fails, or goes on with the wrong branch: dash takes `[[` for a program that is not there, and `a &> b`
for two commands.
Bad:
    FROM debian:bookworm
    RUN source /srv/venv/bin/activate && pip install --no-cache-dir flask==3.0.3
Good:
    FROM debian:bookworm
    RUN . /srv/venv/bin/activate && pip install --no-cache-dir flask==3.0.3
Fix: none: SHELL would make later commands run in bash too, if it is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Command, Compound, Pipeline, Script, Sequence, Simple
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Run
from lissom.lint.calls.wrappers import text_of
from lissom.lint.images.base import shell_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_NOBODY_KNOWS = frozenset(("pushd", "popd", "shopt", "declare", "typeset", "compgen", "mapfile", "readarray", "disown"))
_DASH_LACKS = frozenset(("source", "let", "function"))


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        shell = shell_of(stage.base)
        for step in stage.steps:
            if shell not in ("dash", "busybox") or step.shell is not None or step.script is None:
                continue
            if isinstance(step.instruction, Run):
                for span, what in _foreign(step.script, dash=shell == "dash"):
                    yield Found(span, f"`{what}` is bash's; the shell here is {shell}")


def _foreign(script: Script, *, dash: bool) -> Iterator[tuple[Span, str]]:
    for simple in script.commands():
        words = [text_of(word) for word in simple.words]
        if simple.name in _NOBODY_KNOWS or (dash and simple.name in _DASH_LACKS):
            yield simple.words[0].span, simple.name
        elif dash and simple.name == "set" and "pipefail" in words:
            yield simple.span, "pipefail"
        elif dash and simple.name in ("[", "test") and "==" in words:
            yield simple.words[words.index("==")].span, "=="
        for word in simple.words if dash else ():
            if word.text.startswith(("<(", ">(")):
                yield word.span, word.text[:2] + "…)"
        for redirection in simple.redirections if dash else ():
            if redirection.operator in ("&>", "&>>", "<<<"):
                yield redirection.span, redirection.operator
    if dash:
        yield from ((one.span, "[[") for one in _compounds(script.body) if one.kind == "test")


def _compounds(sequence: Sequence) -> Iterator[Compound]:
    for part in sequence.parts:
        yield from _compounds_of(part.command)


def _compounds_of(command: Command) -> Iterator[Compound]:
    if isinstance(command, Pipeline):
        for one in command.commands:
            yield from _compounds_of(one)
    elif not isinstance(command, Simple):
        yield command
        for body in command.bodies:
            yield from _compounds(body)


RULE = Rule(
    code="bash-only",
    title="RUN speaks the language of its shell",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
