"""FROM uses a variable that nobody declares.

What: a variable in FROM (the image or `--platform`) without an ARG above the first FROM. The platform's own variables
(`TARGETARCH`, `BUILDPLATFORM` …) need none. An ARG inside a stage does not count.
Why: it is empty, so that the name of the image is another one, or none.
Bad:
    FROM debian:$RELEASE
Good:
    ARG RELEASE=bookworm
    FROM debian:$RELEASE
Fix: none: which value was meant is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.guess import guess
from lissom.lint.places import flag_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.variables import PLATFORM_NAMES, missing

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    dockerfile = subject.dockerfile
    known = {name: "" for arg in dockerfile.meta_args for name, _ in arg.pairs} | dict.fromkeys(PLATFORM_NAMES, "")
    for stage in dockerfile.stages:
        from_ = stage.from_
        texts = ((from_.image, from_.image_span), (from_.platform or "", flag_span(from_, "platform")))
        for text, span in texts:
            for name in sorted(missing(text, known, dockerfile.escape)):
                meant = guess(name, known)
                hint = f"; `{meant}` is" if meant else ""
                yield Found(span, f"`{name}` is not declared above the first FROM{hint}")


RULE = Rule(
    code="undefined-from-arg",
    title="FROM uses declared variables",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("UndefinedArgInFrom",),
    check=_check,
    page=__doc__ or "",
)
