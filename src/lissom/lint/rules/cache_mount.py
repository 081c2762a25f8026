"""A download that every build repeats could come from a cache mount.

What: pip, npm, yarn, Go, Cargo, Maven or Gradle in a RUN without a cache mount, in any stage that is used. Off unless
it is asked for: which builders read the file decides whether a mount is of use.
Why: when the line before changed, the RUN starts with an empty cache. A cache mount keeps it between builds, and
nothing of it gets into the layer.
Bad:
    FROM golang:1.22 AS build
    RUN go build -o /app .
Good:
    FROM golang:1.22 AS build
    RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod go build -o /app .
Fix: none: a cache mount needs BuildKit, buildah or lissom, and the place of the cache depends on the user.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Run
from lissom.lint.caches.cache import Cache
from lissom.lint.caches.javascript import NPM, YARN
from lissom.lint.caches.languages import CARGO, GO, GRADLE, MAVEN
from lissom.lint.caches.left import mounted
from lissom.lint.caches.python import PIP
from lissom.lint.calls.reading import calls_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StepView, Subject

__all__ = ["RULE"]

_CACHES = (PIP, NPM, YARN, GO, CARGO, MAVEN, GRADLE)


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        for step in stage.runs if stage.used else ():
            yield from _found(step)


def _found(step: StepView) -> Iterator[Found]:
    seen: set[str] = set()
    for call in calls_of(step):
        cache = next((cache for cache in _CACHES if cache.fills(call)), None)
        if cache and cache.what not in seen and not mounted(step, cache.places(call)):
            seen.add(cache.what)
            yield Found(call.span, f"a cache mount at {_target(step, cache)} would save what each build downloads anew")


def _target(step: StepView, cache: Cache) -> str:
    home = "/root" if step.user in (None, "root", "0") and isinstance(step.instruction, Run) else "~"
    return cache.paths[0].replace("~", home, 1)


RULE = Rule(
    code="cache-mount",
    title="A download that every build repeats could come from a cache mount",
    category=Category.SPEED,
    severity=Severity.INFO,
    check=_check,
    page=__doc__ or "",
    default=False,
)
