"""The base image is not pinned by its digest.

What: a `FROM` or `COPY --from` of an outside image without `@sha256:…`. Off unless asked for.
Why: a tag moves; a digest does not, so that the same file builds the same image. The price is that somebody (or a
bot) has to move it for each security update.
Bad:
    FROM debian:bookworm
Good:
    FROM debian:bookworm@sha256:731dd1380d6a8d170a695dbeb17fe0eade0e1c29f654cf0a3a07f372191c3f4b
Fix: none: the digest is in a registry, not in the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.images.outside import outside_images
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for image in outside_images(subject):
        if not image.digest and image.name != "scratch":
            yield Found(image.span, f"`{image.text}` is not pinned by a digest")


RULE = Rule(
    code="undigested-base",
    title="Base images are pinned by digest",
    category=Category.SAFETY,
    severity=Severity.INFO,
    check=_check,
    page=__doc__ or "",
    default=False,
)
