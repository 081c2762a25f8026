"""The log of a build is in the image.

What: a file called *.log that a RUN of the image writes by redirection or tee and does not remove. Empty files, and
logs that are links to the standard streams, are no matter.
Why: who builds sees the log anyway; in the image it is read by nobody.
Bad:
    FROM debian:bookworm-slim
    COPY src /src
    RUN make -C /src install > /build.log 2>&1
Good:
    FROM debian:bookworm-slim
    COPY src /src
    RUN make -C /src install
Fix: none: where the messages should go instead is a matter of taste.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.effects.act import Deed
from lissom.lint.effects.paths import covers
from lissom.lint.effects.steps import laid
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import quoted

__all__ = ["RULE"]

_EMPTY = frozenset((":", "true", "echo", "printf", "touch", "truncate", ""))


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    told: set[str] = set()
    for at, row in enumerate(rows):
        act = row.act
        if act.deed not in (Deed.WRITE, Deed.EDIT) or not act.path.endswith(".log") or act.path in told:
            continue
        if act.command is None or act.command.name in _EMPTY or not act.command.words:
            continue
        if any(one.act.deed in (Deed.REMOVE, Deed.LINK) and covers(one.act.path, act.path) for one in rows[at:]):
            continue
        told.add(act.path)
        yield Found(act.span, f"the log {quoted(act.path)} stays in this layer")


RULE = Rule(
    code="log-left",
    title="The log of a build is in the image",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=_check,
    page=__doc__ or "",
)
