"""COPY takes what .dockerignore keeps out.

What: a source of COPY or ADD that is in the context and that its ignore file keeps out, all that a pattern fits if it
is a pattern. Needs the context.
Why: the build fails, or the pattern takes nothing.
Context:
    notes.md 10
    app.py 10
Ignored:
    *.md
Bad:
    FROM debian:bookworm
    COPY notes.md /notes.md
Good:
    FROM debian:bookworm
    COPY app.py /app.py
Fix: none: whether the file was to be kept out is not sure.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.copies.copied import matching
from lissom.lint.copies.from_context import sources_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    context = subject.context
    if context is None:
        return
    for source in sources_of(subject, subject.steps()):
        paths = matching(context, source.path)
        if paths and all(path in context.ignored for path in paths):
            yield Found(source.span, f"`{source.written}` is kept out of the build by {context.ignore_name}")


RULE = Rule(
    code="copy-ignored",
    title="COPY takes what is not ignored",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("CopyIgnoredFile",),
    check=_check,
    page=__doc__ or "",
)
