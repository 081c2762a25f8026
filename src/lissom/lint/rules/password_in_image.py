"""A password is set in the image.

What: `chpasswd` that is fed a constant, `passwd --stdin`, `useradd -p`, `usermod -p`, and passwords that are emptied
(`passwd -d`, `-p ''`).
Why: everybody who can pull the image knows the password of all its containers.
Bad:
    FROM debian:bookworm
    RUN echo 'root:secret' | chpasswd
Good:
    FROM debian:bookworm
    RUN passwd --lock root
Fix: none: who needs the password is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.calls.call import Call
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import run_calls

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for _, call in run_calls(subject):
        if _sets(call):
            yield Found(call.span, f"`{call.program}` sets a password that every container of the image has")


def _sets(call: Call) -> bool:
    if call.program in ("chpasswd", "newusers"):
        return True
    if call.program == "passwd":
        return call.has("--stdin", "-d", "--delete")
    return call.program in ("useradd", "usermod") and call.has("-p", "--password")


RULE = Rule(
    code="password-in-image",
    title="No passwords in the image",
    category=Category.SAFETY,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
