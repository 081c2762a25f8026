"""A command that makes no sense while an image is built.

What: `ssh`, `vim`, `shutdown`, `service`, `ps`, `free`, `top`, `kill`, `mount` in a RUN.
Why: there is nobody at a keyboard, and no process or mount outlives the instruction.
Bad:
    FROM debian:bookworm
    RUN service nginx start
Good:
    FROM debian:bookworm
    CMD ["nginx", "-g", "daemon off;"]
Fix: none: what was meant is not in the file.
hadolint: agrees; lissom also looks behind `sudo` and `env`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import run_calls

__all__ = ["RULE"]
_POINTLESS = frozenset(("free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim"))


def _check(subject: Subject) -> Iterator[Found]:
    for _, call in run_calls(subject):
        if call.program in _POINTLESS:
            yield Found(call.span, f"`{call.program}` has no use while an image is built")


RULE = Rule(
    code="pointless-command",
    title="Commands that make sense in a build",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3001",),
    check=_check,
    page=__doc__ or "",
)
