"""Packages for the build stay in the layer.

What: `apk add --virtual NAME` in a stage that is shipped, and no `apk del NAME` behind it in the same RUN. Names with
`run` in them (`.rundeps`) are for packages that stay.
Why: the name says that the packages are meant to go. What is deleted in a later RUN is only hidden.
Bad:
    FROM alpine:3.20
    RUN apk add --no-cache --virtual .build-deps gcc musl-dev
    RUN apk del .build-deps
Good:
    FROM alpine:3.20
    RUN apk add --no-cache --virtual .build-deps gcc musl-dev && apk del .build-deps
Fix: none here: what lies between the two must move too. Join the RUNs, or build in a stage of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Run
from lissom.lint.caches.left import above, shipped_runs
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.calls.wrappers import text_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StageView, StepView, Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage, index, step in shipped_runs(subject):
        calls = calls_of(step)
        for at, call in enumerate(calls):
            name = _virtual(call)
            if name and not any(_deletes(one, name) for one in calls[at + 1 :]):
                message = _message(subject, _later(subject, stage, index), name)
                if message:
                    yield Found(call.span, message)


def _message(subject: Subject, later: list[StepView], name: str) -> str:
    """What is to be said; nothing of packages that are there to run, and stay."""
    for step in later:
        call = next((call for call in calls_of(step) if _deletes(call, name)), None)
        if call:
            line = subject.dockerfile.source.line_col(call.span.start)[0]
            return f"`{name}` stays in this layer; that line {line} deletes it frees nothing"
    return "" if "run" in name else f"`{name}` stays in this layer, nothing deletes it"


def _later(subject: Subject, stage: StageView, index: int) -> list[StepView]:
    standing = [step for other in above(subject, stage) for step in other.steps]
    return [step for step in (*stage.steps[index + 1 :], *standing) if isinstance(step.instruction, Run)]


def _virtual(call: Call) -> str:
    """The name that the packages of an ``apk add`` get together."""
    if not call.runs("apk", "add"):
        return ""
    for at, word in enumerate(call.words):
        text = text_of(word)
        if text.startswith("--virtual="):
            return text.partition("=")[2]
        if text in ("--virtual", "-t") and at + 1 < len(call.words):
            return text_of(call.words[at + 1])
    return ""


def _deletes(call: Call, name: str) -> bool:
    return call.runs("apk", "del") and any(text_of(word) == name or "$" in word.text for word in call.operands)


RULE = Rule(
    code="apk-build-packages",
    title="Packages for the build stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
