"""A variable stands where no shell replaces it.

What: `$NAME` in a word of the JSON form of CMD, ENTRYPOINT, HEALTHCHECK or RUN whose program is no shell.
Why: the program gets the dollar and the name as they are written.
Bad:
    FROM debian:bookworm
    CMD ["gunicorn", "--bind", "0.0.0.0:$PORT", "app:app"]
Good:
    FROM debian:bookworm
    CMD ["sh", "-c", "exec gunicorn --bind 0.0.0.0:$PORT app:app"]
Fix: none: the app would then get another value than it gets now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.lint.calls.command import command_of
from lissom.lint.calls.wrappers import SHELLS
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_VARIABLE = re.compile(r"[\w./:=@+,-]*\$(\{[A-Z_][A-Z0-9_]*(:?-[^}]*)?\}|[A-Z_][A-Z0-9_]*)[\w./:=@+,-]*")
_EXPANDING = frozenset((*SHELLS, "busybox", "env", "tini", "dumb-init", "cmd", "powershell", "pwsh"))


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        command = command_of(step.instruction)
        if command is None or command.shell or not command.args:
            continue
        if any(arg.rpartition("/")[2].removesuffix(".exe") in _EXPANDING for arg in command.args[:2]):
            continue
        word = next((arg for arg in command.args if _VARIABLE.fullmatch(arg)), None)
        if word is not None:
            span = subject.dockerfile.source.narrow(step.instruction.span, word)
            yield Found(span, f"no shell replaces `{word}` in the JSON form")


RULE = Rule(
    code="exec-variable",
    title="Variables stand where they are replaced",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
