"""yum asks nothing.

What: `yum` with `install`, `groupinstall` or `localinstall` and without `-y` or `--assumeyes`.
Why: nobody answers its question while an image is built, so the build fails there.
Bad:
    FROM rockylinux:9
    RUN yum install nginx && yum clean all
Good:
    FROM rockylinux:9
    RUN yum install -y nginx && yum clean all
Fix: safe (E0): `-y` is put behind the command; where the build works without it, it changes nothing.
hadolint: agrees; but `yes | yum install` is an answer too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.packages.assent import unasked
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return unasked(subject, ("yum",), ("install", "groupinstall", "localinstall"), ("-y", "--assumeyes"))


RULE = Rule(
    code="yum-yes",
    title="yum asks nothing",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3030",),
    check=_check,
    page=__doc__ or "",
)
