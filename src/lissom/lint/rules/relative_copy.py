"""COPY to a relative destination without a WORKDIR.

What: a COPY whose destination begins neither with `/` nor with a variable nor with a drive, in a stage where no
WORKDIR stands before it (nor in the stage that it goes on from).
Why: the files land wherever the base image stands: another base, and they lie elsewhere.
Bad:
    FROM debian:bookworm
    COPY app bin/
Good:
    FROM debian:bookworm
    WORKDIR /srv
    COPY app bin/
Fix: none: the base's directory is not in the text.
hadolint: agrees on COPY; lissom says the same of ADD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_ABSOLUTE = re.compile(r"""["']*(/|\$|[A-Za-z]:[/\\])""")


def _check(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        found = step.instruction
        if isinstance(found, Copy | Add) and step.workdir is None and not _ABSOLUTE.match(found.destination):
            span = arguments(subject.dockerfile, found)[-1].span
            yield Found(span, f"`{found.destination}` is relative to whatever the base image stands in")


RULE = Rule(
    code="relative-copy",
    title="COPY to a known place",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3045",),
    check=_check,
    page=__doc__ or "",
)
