"""A label's name is not as names of labels are.

What: a LABEL whose name holds anything but lower-case letters, digits, `.`, `-` and `_`, two separators in a row,
that begins with no letter, ends with a separator, or begins with a namespace that docker keeps for itself. Off unless
asked for.
Why: tools that filter by labels do not find it.
Bad:
    FROM debian:bookworm
    LABEL Com.Example.Version=1
Good:
    FROM debian:bookworm
    LABEL com.example.version=1
Fix: none: who reads the label by its old name is not in the file.
hadolint: agrees; it allows a separator at the end, and capitals and variables inside quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Label
from lissom.lint.places import pairs
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_KEY = re.compile(r"[a-z](?!.*(\.\.|--))([a-z0-9._-]*[a-z0-9])?")
_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")


def _check(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        if not isinstance(step.instruction, Label):
            continue
        places = pairs(subject.dockerfile, step.instruction)
        for (name, _), place in zip(step.instruction.pairs, places, strict=False):
            key = name.strip("\"'")
            if key.startswith(_RESERVED):
                yield Found(place.span, f"the label `{key}` is in a namespace that docker keeps for itself")
            elif not _KEY.fullmatch(key) and "$" not in key:
                yield Found(place.span, f"`{key}` is not as names of labels are")


RULE = Rule(
    code="label-key",
    title="Names of labels",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3048",),
    check=_check,
    page=__doc__ or "",
    default=False,
)
