"""FROM is tied to one platform.

What: `FROM --platform=` with a constant, or with a variable other than `$BUILDPLATFORM` and `$TARGETPLATFORM`. A
stage whose name tells the architecture (`build_arm64`) is meant to be tied and gives no more than a hint.
Why: whoever builds for another platform gets an image of this one under the other's name.
Bad:
    FROM --platform=linux/amd64 debian:bookworm
Good:
    FROM debian:bookworm
Fix: none: perhaps the app runs there only.
hadolint: agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Stage
from lissom.lint.places import flag_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_MOVING = re.compile(r"\$(BUILDPLATFORM|TARGETPLATFORM|\{(BUILDPLATFORM|TARGETPLATFORM)\})")


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.dockerfile.stages:
        platform = stage.from_.platform
        if platform and not _MOVING.fullmatch(platform):
            severity = Severity.INFO if _told(stage, platform) or "$" in platform else None
            yield Found(
                flag_span(stage.from_, "platform"), f"FROM is tied to the platform `{platform}`", severity=severity
            )


def _told(stage: Stage, platform: str) -> bool:
    return any(part and part in (stage.name or "") for part in platform.lower().split("/"))


RULE = Rule(
    code="constant-platform",
    title="FROM is not tied to a platform",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3029", "FromPlatformFlagConstDisallowed"),
    check=_check,
    page=__doc__ or "",
)
