"""zypper asks nothing.

What: `zypper` with `install`, `remove`, `source-install` or `patch` and without `-y`, `--no-confirm` or
`--non-interactive`.
Why: nobody answers its question while an image is built, so the build fails there.
Bad:
    FROM opensuse/leap:15.6
    RUN zypper install nginx && zypper clean
Good:
    FROM opensuse/leap:15.6
    RUN zypper install -y nginx && zypper clean
Fix: safe (E0): `-y` is put behind the command; where the build works without it, it changes nothing.
hadolint: agrees; but `yes | zypper install` is an answer too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.packages.assent import unasked
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return unasked(
        subject,
        ("zypper",),
        ("install", "in", "remove", "rm", "source-install", "si", "patch"),
        ("-y", "--no-confirm", "-n", "--non-interactive"),
    )


RULE = Rule(
    code="zypper-yes",
    title="zypper asks nothing",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3034",),
    check=_check,
    page=__doc__ or "",
)
