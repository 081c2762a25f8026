"""FROM names what is no name of an image.

What: an image whose name, with variables as their ARGs say, breaks the rules of names: capital letters, an empty tag,
a digest that is none.
Why: the build fails; where an ARG has no default it does so for everybody who does not give one.
Bad:
    ARG RELEASE
    FROM debian:$RELEASE
Good:
    ARG RELEASE=bookworm
    FROM debian:$RELEASE
Fix: none: which image was meant is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.expand import ExpandError, expand
from lissom.dockerfile.stages import find_stage
from lissom.errors import UsageError
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.variables import PLATFORM_NAMES, missing
from lissom.oci.reference import Reference

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    dockerfile = subject.dockerfile
    values: dict[str, str] = {}
    for arg in dockerfile.meta_args:
        for name, default in arg.pairs:
            values[name] = _expanded(default or "", values, dockerfile.escape) or ""
    for stage in dockerfile.stages:
        image = stage.from_.image
        if missing(image, values, dockerfile.escape) or any(name in image for name in PLATFORM_NAMES):
            continue
        text = _expanded(image, values, dockerfile.escape)
        if text is None or text == "scratch" or find_stage(dockerfile, text, before=stage.index):
            continue
        try:
            Reference.parse(text)
        except UsageError:
            yield Found(stage.from_.image_span, f"`{text}` is no name of an image")


def _expanded(text: str, values: dict[str, str], escape: str) -> str | None:
    try:
        return expand(text, values.get, escape=escape)
    except ExpandError:
        return None


RULE = Rule(
    code="invalid-image-name",
    title="FROM names an image",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("InvalidDefaultArgInFrom",),
    check=_check,
    page=__doc__ or "",
)
