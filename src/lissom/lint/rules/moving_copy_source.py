"""COPY takes files from an image that moves.

What: a `COPY --from` (or a mount) of an outside image with the tag `latest`, or with a registry and without a tag.
Names without either are taken for build contexts, which have no tag.
Why: the file is another one next month, and nothing in this Dockerfile tells.
Bad:
    FROM debian:bookworm
    COPY --from=nginx:latest /etc/nginx/nginx.conf /nginx.conf
Good:
    FROM debian:bookworm
    COPY --from=nginx:1.27.3 /etc/nginx/nginx.conf /nginx.conf
Fix: none: which version was meant is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.images.outside import outside_images
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for image in outside_images(subject):
        if image.base or image.digest:
            continue
        if image.tag == "latest" or (not image.tag and "/" in image.text):
            yield Found(image.span, f"`{image.text}` is another image next month")


RULE = Rule(
    code="moving-copy-source",
    title="COPY --from has a version",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
