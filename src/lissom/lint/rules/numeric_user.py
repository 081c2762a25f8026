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

from collections.abc import Iterator, Mapping

from lissom.dockerfile.expand import ExpandError, process
from lissom.dockerfile.syntax import User
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        if not isinstance(step.instruction, User):
            continue
        user = _user(step.instruction.user, step.env, subject.dockerfile.escape)
        if user and not user.isdigit():
            span = arguments(subject.dockerfile, step.instruction)[0].span
            yield Found(span, f"the user `{user}` is a name that only the image can resolve")


def _user(text: str, env: Mapping[str, str | None], escape: str) -> str:
    """The user without its group; empty when a variable hides it whose value is not known."""
    try:
        found = process(text, env.get, escape=escape, keep_unset=True)
    except ExpandError:
        return ""
    return "" if found.missing & env.keys() else found.text.partition(":")[0]


RULE = Rule(
    code="numeric-user",
    title="USER is a number",
    category=Category.SAFETY,
    severity=Severity.INFO,
    aliases=("DL3066",),
    check=_check,
    page=__doc__ or "",
)
