"""Packages are taken without their signature.

What: `[trusted=yes]`, `--allow-unauthenticated`, `--force-yes`, `AllowInsecureRepositories`, `apk --allow-untrusted`,
`--nogpgcheck`, `gpgcheck=0`, `rpm --nosignature`, `zypper --no-gpg-checks`, `gem --trust-policy NoSecurity` in a RUN,
a heredoc or a COPY's heredoc.
Why: the signature is what tells a package of the distribution from one that somebody put on the way.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends --allow-unauthenticated nginx
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends nginx
Fix: none: the build then fails where the key is missing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Add, Copy, Run
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_MARK = re.compile(
    r"\btrusted=yes\b|--allow-unauthenticated\b|--force-yes\b|--allow-insecure-repositories\b"
    r"|AllowInsecureRepositories[ =]+[\"']?(true|1|yes)|AllowUnauthenticated[ =]+[\"']?(true|1|yes)"
    r"|--allow-untrusted\b|--nogpgcheck\b|--no-gpg-checks?\b|\bgpgcheck\s*=\s*(0|no|false)\b|--nosignature\b|NoSecurity\b",
    re.IGNORECASE,
)


def _check(subject: Subject) -> Iterator[Found]:
    text = subject.dockerfile.source.text
    for step in acting(subject):
        if not isinstance(step.instruction, Run | Copy | Add):
            continue
        for match in _MARK.finditer(text, step.instruction.span.start, step.instruction.span.end):
            if _commented(text, match.start(), step.script.comments if step.script else ()):
                continue
            yield Found(Span(*match.span()), f"packages are taken without their signature (`{match[0]}`)")


def _commented(text: str, at: int, comments: tuple[Span, ...]) -> bool:
    place = bisect_right(comments, Span(at, len(text)))
    if place and comments[place - 1].end > at:
        return True
    return text[text.rfind("\n", 0, at) + 1 : at].lstrip().startswith("#")


RULE = Rule(
    code="signatures-unchecked",
    title="Packages are signed",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
