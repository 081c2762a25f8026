"""apt-get asks nothing.

What: `apt-get` with `install` and without `-y`, `--yes`, `--assume-yes` or `-qq`.
Why: nobody answers its question while an image is built, so the build fails there.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install --no-install-recommends nginx
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends nginx
Fix: safe (E0): `-y` is put behind the command; where the build works without it, it changes nothing.
hadolint: agrees; but `yes | apt-get install` is an answer too, and so is a setting that the same file writes
(`Assume-Yes`).
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.packages.assent import unasked
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return unasked(subject, ("apt-get",), ("install",), ("-y", "--yes", "--assume-yes", "-qq", "-q=2"))


RULE = Rule(
    code="apt-yes",
    title="apt-get asks nothing",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3014",),
    check=_check,
    page=__doc__ or "",
)
