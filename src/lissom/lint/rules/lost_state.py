"""What a RUN does is gone when it ends.

What: a RUN that only changes its own shell (`cd`, `export`, `umask`, `source`, `alias`, `ulimit`), or whose last
command starts a service (`service x start`, `systemctl start`, a `&` at the end).
Why: every RUN has a shell of its own and ends all processes; nothing of it is in the image.
Bad:
    FROM debian:bookworm
    RUN export PATH=/srv/bin:$PATH
Good:
    FROM debian:bookworm
    ENV PATH=/srv/bin:$PATH
Fix: none: the image would be another one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Script, Simple
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Run
from lissom.lint.calls.wrappers import text_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_STATE = frozenset(
    ("cd", "pushd", "export", "umask", "source", ".", "alias", "unset", "ulimit", "set", "shopt", "unalias")
)
_STARTERS = frozenset(("service", "systemctl", "rc-service", "initctl", "start-stop-daemon"))


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if not isinstance(step.instruction, Run) or step.script is None or step.instruction.heredocs:
            continue
        found = _lost(step.script)
        if found:
            yield Found(*found)


def _lost(script: Script) -> tuple[Span, str] | None:
    parts = script.body.parts
    commands = tuple(script.commands())
    if not parts or not commands:
        return None
    last = parts[-1].command
    if parts[-1].joiner == "&":
        return last.span, "the process in the background ends with the RUN"
    if isinstance(last, Simple) and _starts(last):
        return last.span, "the service ends with the RUN"
    if all(one.name in _STATE or (not one.words and one.assignments) for one in commands):
        return commands[-1].span, "what the RUN sets is gone when it ends"
    return None


def _starts(simple: Simple) -> bool:
    words = [text_of(word) for word in simple.words]
    by_script = bool(words) and words[0].startswith("/etc/init.d/")
    return (simple.name in _STARTERS or by_script) and any(
        word in ("start", "restart", "--start") for word in words[1:]
    )


RULE = Rule(
    code="lost-state",
    title="RUN leaves something in the image",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
