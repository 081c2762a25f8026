"""The last USER of a stage is root.

What: a stage whose last `USER` is `root`, `0`, or one of them with a group. A stage without any `USER` is not told:
what its base says is not in the file.
Why: whoever breaks out of the app is root in the container; in stages that are thrown away it is no more than a hint.
Bad:
    FROM debian:bookworm
    USER root
    CMD ["/srv/app"]
Good:
    FROM debian:bookworm
    RUN useradd --system --uid 10001 app
    USER 10001
    CMD ["/srv/app"]
Fix: none: a user that can read and write what the app needs cannot be invented from the text.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import User
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        users = [step.instruction for step in stage.steps if isinstance(step.instruction, User)]
        if users and users[-1].user.partition(":")[0] in ("root", "0"):
            span = arguments(subject.dockerfile, users[-1])[0].span
            severity = None if stage.final else Severity.INFO
            yield Found(span, "the last USER of the stage is root", severity=severity)


RULE = Rule(
    code="root-user",
    title="The app does not run as root",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    aliases=("DL3002",),
    check=_check,
    page=__doc__ or "",
)
