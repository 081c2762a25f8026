"""COPY takes what the context does not have.

What: a source of COPY or ADD that is not in the context, or that is outside of it (`../lib`). What is in the context
needs the context; `..` is told without.
Why: the build fails.
Bad:
    FROM debian:bookworm
    COPY ../lib /lib
Good:
    FROM debian:bookworm
    COPY lib /lib
Fix: none: where the file is, or which was meant, is not in the text.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lissom.lint.copies.archives import is_address
from lissom.lint.copies.copied import matching, normal
from lissom.lint.copies.from_context import sources_of
from lissom.lint.guess import guess
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import ContextFacts, Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for _, _, path, span in sources_of(subject, subject.steps()):
        if "$" in path or is_address(path) or path.startswith("#"):
            continue
        wrong = _outside(path) or _absent(subject.context, path)
        if wrong:
            yield Found(span, wrong)


def _outside(path: str) -> str:
    # docker cuts what leads out of the context: ../lib is lib.
    return f"`{path}` leads out of the context" if posixpath.normpath(path.lstrip("/")).startswith("..") else ""


def _absent(context: ContextFacts | None, path: str) -> str:
    if context is None or matching(context, posixpath.normpath(path) if ".." in path else path) or "\\" in path:
        return ""
    meant = guess(normal(path), context.tree)
    return f"`{path}` is not in the context" + (f"; did you mean `{meant}`" if meant else "")


RULE = Rule(
    code="missing-source",
    title="COPY takes what is there",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
