"""Compilers and headers are in the image.

What: packages that build software (compilers, build systems, -dev and -devel packages, JDKs), installed in a stage
whose layers are shipped and not removed again in the same RUN.
Why: they weigh hundreds of megabytes, an app does not run them, and whoever breaks in finds a compiler. A build stage
has them, the image gets what was built.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev
    COPY . /src
    RUN make -C /src install
Good:
    FROM debian:bookworm AS build
    RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev
    COPY . /src
    RUN make -C /src install

    FROM debian:bookworm-slim
    COPY --from=build /usr/local/bin/app /usr/local/bin/app
Fix: none here; the rule `single-stage` splits what it understands.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.lint.lineage import steps_below
from lissom.lint.packages.installs import Installed, installed
from lissom.lint.packages.tools import builds
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import and_more

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for step in steps_below(subject, subject.final):
        calls: dict[int, list[Installed]] = {}
        for one in installed(step):
            if builds(one.name):
                calls.setdefault(one.call.span.start, []).append(one)
        for found in calls.values():
            names = and_more(one.name for one in found)
            saves = subject.measured(step.instruction, "build_tools")
            span = Span(found[0].word.span.start, found[-1].word.span.end)
            yield Found(span, f"needed to build only, but shipped: {names}", saves=saves)


RULE = Rule(
    code="build-tools",
    title="Compilers and headers are in the image",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
