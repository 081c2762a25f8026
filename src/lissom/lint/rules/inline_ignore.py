"""A comment switches a rule off.

What: a `# hadolint ignore=…`, `# lissom ignore=…` or `# check=skip=…` comment. Off unless asked for.
Why: some houses want to see each exception.
Bad:
    FROM debian:bookworm
    # hadolint ignore=DL3003
    RUN cd /tmp && ls
Good:
    FROM debian:bookworm
    RUN ls /tmp
Fix: none: whether the exception is needed is not in the text.
hadolint: agrees on its own comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Comment, Directive
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_IGNORE = re.compile(r"#\s*(hadolint|lissom)\s+(global\s+)?ignore\s*=", re.IGNORECASE)


def _check(subject: Subject) -> Iterator[Found]:
    for item in subject.dockerfile.items:
        ignoring = isinstance(item, Comment) and _IGNORE.match(item.text)
        skipping = isinstance(item, Directive) and item.name == "check" and "skip=" in item.value
        if ignoring or skipping:
            end = item.span.start + len(subject.dockerfile.source.cut(item.span).rstrip())
            yield Found(Span(item.span.start, end), "a comment switches rules off")


RULE = Rule(
    code="inline-ignore",
    title="No exceptions by comment",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL1001",),
    check=_check,
    page=__doc__ or "",
    default=False,
)
