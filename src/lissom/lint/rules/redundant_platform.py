"""FROM names the platform that it has anyway.

What: `FROM --platform=$TARGETPLATFORM`.
Why: the target's platform is what FROM takes without being told; the flag only hides that.
Bad:
    FROM --platform=$TARGETPLATFORM debian:bookworm
Good:
    FROM debian:bookworm
Fix: safe (E0): the flag goes.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import flag_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.dockerfile.stages:
        if stage.from_.platform in ("$TARGETPLATFORM", "${TARGETPLATFORM}"):
            span = flag_span(stage.from_, "platform")
            same_line = "\n" not in subject.dockerfile.source.cut(Span(span.end, stage.from_.image_span.start))
            gone = Span(span.start, stage.from_.image_span.start if same_line else span.end)
            fix = Fix(
                "remove the flag",
                (Edit(gone, ""),),
                Safety.SAFE,
                Equivalence.E0,
                "FROM takes the target's platform without the flag",
            )
            yield Found(span, "the target's platform is what FROM takes anyway", fix)


RULE = Rule(
    code="redundant-platform",
    title="FROM takes the target's platform by itself",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3065", "RedundantTargetPlatform"),
    check=_check,
    page=__doc__ or "",
)
