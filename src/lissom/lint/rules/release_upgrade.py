"""zypper changes the release of the distribution.

What: `zypper dist-upgrade` or `zypper dup`, in any stage.
Why: it moves all packages to the versions of the repositories, also to another release, removes some on the way, and
stores nearly the whole base image a second time. The tag of the base then says what the image no longer is.
Bad:
    FROM opensuse/leap:15.4
    RUN zypper --non-interactive dist-upgrade && zypper clean --all
Good:
    FROM opensuse/leap:15.6
Fix: none: name the base image of the release that is wanted.
hadolint: agrees with DL3035.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Run
from lissom.lint.calls.reading import calls_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        for call in calls_of(step) if isinstance(step.instruction, Run) else ():
            if call.runs("zypper", "dup", "dist-upgrade"):
                yield Found(call.span, "this moves the image to another release than its base names")


RULE = Rule(
    code="release-upgrade",
    title="zypper changes the release of the distribution",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
    aliases=("DL3035",),
)
