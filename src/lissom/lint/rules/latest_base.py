"""The base image is the latest one.

What: a `FROM` with the tag `latest` and no digest.
Why: it is another image next month, and a build that worked fails.
Bad:
    FROM debian:latest
Good:
    FROM debian:bookworm
Fix: none: which version was meant is not in the file.
hadolint: agrees on FROM; of `FROM $NAME` lissom looks at the value that ARG gives, hadolint at nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.images.outside import outside_images
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for image in outside_images(subject):
        if image.base and image.tag == "latest" and not image.digest:
            yield Found(image.span, f"`{image.text}` is another image next month")


RULE = Rule(
    code="latest-base",
    title="Base images are not the latest ones",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    aliases=("DL3007",),
    check=_check,
    page=__doc__ or "",
)
