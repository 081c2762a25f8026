"""A RUN changes the directory.

What: `cd` in a RUN.
Why: it holds for the rest of this RUN only, which is easily forgotten; `WORKDIR`, or `make -C`, says it to everybody.
Bad:
    FROM debian:bookworm
    RUN cd /src && make
Good:
    FROM debian:bookworm
    WORKDIR /src
    RUN make
Fix: none, ever: a WORKDIR lasts, so that later instructions and the app itself would stand elsewhere.
hadolint: agrees, but does not look into `sh -c`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import run_calls

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for _, call in run_calls(subject):
        if call.program == "cd":
            yield Found(call.span, "`cd` lasts to the end of this RUN only; WORKDIR lasts")


RULE = Rule(
    code="cd-in-run",
    title="WORKDIR instead of cd",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3003",),
    check=_check,
    page=__doc__ or "",
)
