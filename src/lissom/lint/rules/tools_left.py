"""Tools for people are in the image: editors, debuggers, manuals.

What: packages that somebody uses by hand (vim, gdb, strace, telnet, net-tools, less, man-db, sudo …), installed in a
stage whose layers are shipped. As a hint, since the app may call them itself: git, and curl, wget, unzip, gnupg where
a RUN of the build calls them and neither the command nor the health check of the image does. hadolint's DL3001 names
such commands where a RUN calls them; this rule names their packages.
Why: an app does not use them, an intruder does. To look into a container, mount the tools from outside.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends nginx vim net-tools
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends nginx
Fix: unsafe (E3) where other packages remain in the command: the words go, and only the app's probes can tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Cmd, Entrypoint, Healthcheck, Run
from lissom.lint.calls.reading import calls_of
from lissom.lint.edits.left_out import left_out
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.lineage import steps_below
from lissom.lint.packages.installs import Installed, installed
from lissom.lint.packages.tools import fetches, inspects
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import and_more

__all__ = ["RULE"]

_HISTORIES = ("git", "svn", "hg")


def _check(subject: Subject) -> Iterator[Found]:
    steps = steps_below(subject, subject.final)
    called = {call.program for step in steps if isinstance(step.instruction, Run) for call in calls_of(step)}
    started = " ".join(
        step.instruction.text for step in steps if isinstance(step.instruction, Cmd | Entrypoint | Healthcheck)
    )
    for step in steps:
        calls: dict[int, list[Installed]] = {}
        for one in installed(step):
            calls.setdefault(one.call.span.start, []).append(one)
        for packages in calls.values():
            yield from _told(subject, packages, called, started)


def _told(subject: Subject, packages: list[Installed], called: set[str], started: str) -> Iterator[Found]:
    tools = [one for one in packages if inspects(one.name) and one.name not in started]
    if tools:
        names = and_more(one.name for one in tools)
        span = Span(tools[0].word.span.start, tools[-1].word.span.end)
        yield Found(span, f"tools for people, not for the app: {names}", _fix(subject, packages, tools))
    fetching = [one for one in packages if (program := fetches(one.name)) and program not in started]
    fetching = [one for one in fetching if fetches(one.name) in called or fetches(one.name) in _HISTORIES]
    if fetching:
        names = and_more(one.name for one in fetching)
        span = Span(fetching[0].word.span.start, fetching[-1].word.span.end)
        message = f"hardly needed once the image is built: {names}"
        yield Found(span, message, severity=Severity.INFO)


def _fix(subject: Subject, packages: list[Installed], tools: list[Installed]) -> Fix | None:
    if len(tools) == len(packages) or not all(one.call.exact for one in tools):
        return None
    edits = left_out(subject, [one.word.span for one in tools])
    if edits is None:
        return None
    return Fix(
        title=f"leave out {and_more(one.name for one in tools)}",
        edits=edits,
        safety=Safety.UNSAFE,
        equivalence=Equivalence.E3,
        because="only the app's probes can tell that nothing calls them",
    )


RULE = Rule(
    code="tools-left",
    title="Tools for people are in the image",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
