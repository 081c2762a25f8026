"""A RUN puts another shell in the place of /bin/sh.

What: `ln` with `/bin/sh` among its arguments.
Why: every script of the system that begins with `#!/bin/sh` then runs in a shell that it was not written for. `SHELL`
changes the shell of the Dockerfile alone.
Bad:
    FROM debian:bookworm
    RUN ln -sf /bin/bash /bin/sh
Good:
    FROM debian:bookworm
    SHELL ["/bin/bash", "-c"]
Fix: none: later scripts may count on it.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import run_calls

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for _, call in run_calls(subject):
        if call.program == "ln" and "/bin/sh" in call.args:
            yield Found(call.span, "a link over /bin/sh changes the shell of every script; SHELL changes it here only")


RULE = Rule(
    code="shell-link",
    title="SHELL instead of a link over /bin/sh",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL4005",),
    check=_check,
    page=__doc__ or "",
)
