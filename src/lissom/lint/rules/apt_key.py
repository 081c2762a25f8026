"""apt-key is deprecated.

What: `apt-key` in a RUN.
Why: a key that it adds signs packages of every repository, not of the one that it is for; Debian 13 has no `apt-key`.
Bad:
    FROM debian:bookworm
    RUN curl -fsSL https://example.com/key.asc | apt-key add -
Good:
    FROM debian:bookworm
    ADD --chmod=644 https://example.com/key.asc /etc/apt/keyrings/example.asc
    RUN echo "deb [signed-by=/etc/apt/keyrings/example.asc] https://example.com/debian stable main" \\
        > /etc/apt/sources.list.d/example.list
Fix: none: which repository the key is for is not sure.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import run_calls

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for _, call in run_calls(subject):
        if call.program == "apt-key":
            yield Found(call.span, "apt-key lets the key sign packages of every repository; newer systems lack it")


RULE = Rule(
    code="apt-key",
    title="Keys belong to repositories",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
