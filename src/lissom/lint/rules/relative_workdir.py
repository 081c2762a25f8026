"""WORKDIR is relative.

What: a `WORKDIR` that begins neither with `/` nor with a variable nor with a drive. Where an earlier `WORKDIR` of the
same stage is absolute this is no more than a hint.
Why: it goes on from wherever the base image stands; another base, and the files lie elsewhere.
Bad:
    FROM debian:bookworm
    WORKDIR /srv
    WORKDIR app
Good:
    FROM debian:bookworm
    WORKDIR /srv/app
Fix: safe (E0) where an earlier WORKDIR of the stage is absolute and constant: the whole path is written; else none.
hadolint: agrees.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Workdir
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_ABSOLUTE = re.compile(r"""["']?(/|\$|[A-Za-z]:)""")
_CONSTANT = re.compile(r"[A-Za-z0-9_./+-]+")


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        known: str | None = None
        for step in stage.steps:
            if not isinstance(step.instruction, Workdir):
                continue
            path = step.instruction.path
            if _ABSOLUTE.match(path):
                known = path if path.startswith("/") and _CONSTANT.fullmatch(path) else None
                continue
            words = arguments(subject.dockerfile, step.instruction)
            span = Span(words[0].span.start, words[-1].span.end)
            fix = None
            if known and _CONSTANT.fullmatch(path):
                known = posixpath.normpath(posixpath.join(known, path))
                fix = _whole(span, known)
                yield Found(span, f"WORKDIR is relative; it is `{known}` here", fix, severity=Severity.INFO)
            else:
                known = None
                yield Found(span, "WORKDIR is relative to whatever the base image stands in")


def _whole(span: Span, path: str) -> Fix:
    because = "the WORKDIR before it in the stage is absolute and constant"
    return Fix(f"write {path}", (Edit(span, path),), Safety.SAFE, Equivalence.E0, because)


RULE = Rule(
    code="relative-workdir",
    title="WORKDIR is absolute",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3000", "WorkdirRelativePath"),
    check=_check,
    page=__doc__ or "",
)
