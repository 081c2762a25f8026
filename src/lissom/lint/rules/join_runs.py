"""Neighbouring RUNs that write the same database of packages.

What: RUNs of the image next to each other that both change the packages of the distribution (dpkg's or rpm's database
is stored again in each of them), and those that install from lists which a RUN above them refreshed. hadolint's DL3059
names every RUN behind a RUN; this rule names only those where joining makes the image smaller or the build right, and
none in stages whose layers are thrown away. It also names pairs that ENV, ARG, LABEL or comments keep apart. dpkg's
database is small: RUNs that only store it again are a hint.
Why: each such RUN stores the databases, and on some bases the caches, once more. Lists refreshed in a layer of their
own get old in the build cache, until an install asks for versions that are gone.
Bad:
    FROM debian:bookworm
    RUN apt-get update
    RUN apt-get install -y --no-install-recommends curl
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends curl
Fix: provable (E2) where both are plain chains of `&&` that leave the shell as it was, with the same flags: `a && b`.
Never `(a) && (b)`, which switches `set -e` off inside. None for heredocs, exec form, background jobs and the like.
hadolint: DL3059 names every RUN behind a RUN, whatever they do, in every stage.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Arg, Env, Expose, Label, Maintainer, Run
from lissom.lint.calls.reading import calls_of
from lissom.lint.edits.joining import join
from lissom.lint.packages.installs import database_of, installs
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StageView, StepView, Subject
from lissom.lint.wording import line_of

__all__ = ["RULE"]

_REFRESH = {
    **dict.fromkeys(("apt-get", "apt", "aptitude", "apk"), ("update",)),
    **dict.fromkeys(("dnf", "yum", "microdnf"), ("makecache",)),
    "zypper": ("refresh", "ref"),
}
_HEAVY = frozenset(("dpkg", "rpm"))
_BETWEEN = (Arg, Env, Expose, Label, Maintainer)


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        if stage.shipped:
            yield from _stage(subject, stage)


def _stage(subject: Subject, stage: StageView) -> Iterator[Found]:
    before: StepView | None = None
    refreshed: StepView | None = None
    for step in stage.steps:
        if isinstance(step.instruction, Run):
            found = _pair(subject, stage, before, step) or _pair(subject, stage, refreshed, step)
            if found:
                yield found
            before, refreshed = step, step if _refreshes(step) else None if _installs(step) else refreshed
        elif not isinstance(step.instruction, _BETWEEN):
            before = None


def _pair(subject: Subject, stage: StageView, first: StepView | None, second: StepView) -> Found | None:
    if first is None:
        return None
    message = _message(first, second, line_of(subject, first.instruction.span))
    if message is None:
        return None
    span = next((call.span for call in calls_of(second) if database_of(call)), second.instruction.span)
    severity = None if _refreshes(first) or "rpm" in _databases(first) else Severity.INFO
    return Found(span, message, join(subject, stage, first, second), severity=severity)


def _message(first: StepView, second: StepView, line: int) -> str | None:
    shared = _databases(first) & _databases(second)
    if shared and _refreshes(first):
        return f"installs from the lists of line {line}, which stay in a layer of their own"
    return f"stores the database of packages again, behind line {line}" if shared & _HEAVY else None


def _databases(step: StepView) -> set[str]:
    return {database_of(call) for call in calls_of(step)} - {""}


def _installs(step: StepView) -> bool:
    return any(installs(call) for call in calls_of(step))


def _refreshes(step: StepView) -> bool:
    """Whether it brings lists and installs nothing from them."""
    return not _installs(step) and any(call.verb in _REFRESH.get(call.program, ()) for call in calls_of(step))


RULE = Rule(
    code="join-runs",
    title="Neighbouring RUNs store the same things again",
    category=Category.SIZE,
    severity=Severity.WARNING,
    aliases=("DL3059",),
    check=_check,
    page=__doc__ or "",
)
