"""USER is a name, not a number.

What: a `USER` whose user is no number. A hint only.
Why: Kubernetes can prove that an image does not run as root only from a number, and a name needs an `/etc/passwd`.
Bad:
    FROM debian:bookworm
    USER www-data
Good:
    FROM debian:bookworm
    USER 33
Fix: none: the number is in the image, not in the text.
hadolint: agrees; of a variable lissom looks at the value that ARG or ENV gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.expand import ExpandError, expand
from lissom.dockerfile.syntax import User
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        if not isinstance(step.instruction, User):
            continue
        try:
            user = expand(step.instruction.user, step.env.get, escape=subject.dockerfile.escape).partition(":")[0]
        except ExpandError:
            continue
        if user and not user.isdigit():
            span = arguments(subject.dockerfile, step.instruction)[0].span
            yield Found(span, f"the user `{user}` is a name that only the image can resolve")


RULE = Rule(
    code="numeric-user",
    title="USER is a number",
    category=Category.SAFETY,
    severity=Severity.INFO,
    aliases=("DL3066",),
    check=_check,
    page=__doc__ or "",
)
