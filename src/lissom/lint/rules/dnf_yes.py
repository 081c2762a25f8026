"""dnf asks nothing.

What: `dnf` or `microdnf` with `install`, `groupinstall` or `localinstall` and without `-y` or `--assumeyes`.
Why: nobody answers its question while an image is built, so the build fails there.
Bad:
    FROM fedora:41
    RUN dnf install nginx && dnf clean all
Good:
    FROM fedora:41
    RUN dnf install -y nginx && dnf clean all
Fix: safe (E0): `-y` is put behind the command; where the build works without it, it changes nothing.
hadolint: agrees; but `yes | dnf install` is an answer too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.packages.assent import unasked
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return unasked(subject, ("dnf", "microdnf"), ("install", "groupinstall", "localinstall"), ("-y", "--assumeyes"))


RULE = Rule(
    code="dnf-yes",
    title="dnf asks nothing",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3038",),
    check=_check,
    page=__doc__ or "",
)
