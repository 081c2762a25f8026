"""A stage uses both wget and curl.

What: a RUN with one of them where the stage also uses the other, told where the second one comes.
Why: both do the same; one of them is in the image for nothing.
Bad:
    FROM debian:bookworm
    RUN curl -fsSLO https://example.com/one
    RUN wget -q https://example.com/two
Good:
    FROM debian:bookworm
    RUN curl -fsSLO https://example.com/one
    RUN curl -fsSLO https://example.com/two
Fix: none: their options differ.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Onbuild, Run
from lissom.lint.calls.reading import calls_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting_in

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        seen: dict[bool, set[str]] = {True: set(), False: set()}
        triggers = {id(step.instruction.trigger) for step in stage.steps if isinstance(step.instruction, Onbuild)}
        for step in acting_in(subject, stage):
            if not isinstance(step.instruction, Run):
                continue
            used = seen[id(step.instruction) in triggers]
            here = [call for call in calls_of(step) if call.program in ("wget", "curl")]
            used.update(call.program for call in here)
            if here and len(used) == 2:
                yield Found(here[-1].span, "the stage uses both wget and curl")


RULE = Rule(
    code="wget-and-curl",
    title="One of wget and curl",
    category=Category.SIZE,
    severity=Severity.INFO,
    aliases=("DL4001",),
    check=_check,
    page=__doc__ or "",
)
