"""A user may become root without a password.

What: `NOPASSWD` in a RUN or in a heredoc.
Why: `USER` then protects nothing: whoever gets to run anything is root with one word more.
Bad:
    FROM debian:bookworm
    RUN echo 'app ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/app
Good:
    FROM debian:bookworm
    RUN useradd --system --uid 10001 app
    USER 10001
Fix: none: what the user needs root for is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Add, Copy, Run
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_MARK = "NOPASSWD"


def _check(subject: Subject) -> Iterator[Found]:
    text = subject.dockerfile.source.text
    for step in acting(subject):
        found = step.instruction
        at = text.find(_MARK, found.span.start, found.span.end) if isinstance(found, Run | Copy | Add) else -1
        if at >= 0:
            yield Found(Span(at, at + len(_MARK)), "a user may become root without a password")


RULE = Rule(
    code="nopasswd-sudo",
    title="sudo asks for a password",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
