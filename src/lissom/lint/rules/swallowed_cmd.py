"""ENTRYPOINT in shell form takes no CMD.

What: a CMD in a stage whose ENTRYPOINT is in shell form.
Why: `/bin/sh -c "app"` does not hand arguments on: neither CMD nor what stands behind `docker run image` reaches the
app, and the shell is process 1, so that signals do not reach it either.
Bad:
    FROM debian:bookworm
    ENTRYPOINT /srv/app
    CMD ["--port", "8080"]
Good:
    FROM debian:bookworm
    ENTRYPOINT ["/srv/app"]
    CMD ["--port", "8080"]
Fix: none: the app would then get arguments that it does not get now.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Cmd, Entrypoint
from lissom.lint.places import first_line
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        entries = [step.instruction for step in stage.steps if isinstance(step.instruction, Entrypoint)]
        commands = [step.instruction for step in stage.steps if isinstance(step.instruction, Cmd)]
        if entries and commands and entries[-1].command.shell and commands[-1].command.args:
            line = subject.lines(entries[-1])[0]
            span = first_line(subject.dockerfile, commands[-1])
            yield Found(span, f"the ENTRYPOINT of line {line} is in shell form and takes no CMD")


RULE = Rule(
    code="swallowed-cmd",
    title="ENTRYPOINT takes CMD",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
