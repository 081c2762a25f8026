"""The base image has no tag.

What: a `FROM` of an outside image without tag and digest.
Why: it means `latest`: another image next month.
Bad:
    FROM debian
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
        if image.base and not image.tag and not image.digest and image.name != "scratch":
            yield Found(image.span, f"`{image.text}` has no tag, so it is whatever is the latest")


RULE = Rule(
    code="untagged-base",
    title="Base images have a tag",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    aliases=("DL3006",),
    check=_check,
    page=__doc__ or "",
)
