"""EXPOSE has a port that does not exist.

What: a port above 65535, a range that ends before it begins, or something that is no port (`80:8080`, an address).
Variables are not looked at.
Why: the build fails, or the entry means nothing.
Bad:
    FROM debian:bookworm
    EXPOSE 80800
Good:
    FROM debian:bookworm
    EXPOSE 8080
Fix: none: which port was meant is not in the file.
hadolint: agrees on numbers; it cannot read the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Expose
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_PORT = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?(?:/(?:tcp|udp|sctp))?", re.IGNORECASE)


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if not isinstance(step.instruction, Expose):
            continue
        for word in arguments(subject.dockerfile, step.instruction):
            text = word.text.strip("\"'")
            if "$" in text:
                continue
            match = _PORT.fullmatch(text)
            if match is None:
                yield Found(word.span, f"`{text}` is no port, nor a range of ports")
            elif not int(match[1]) <= int(match[2] or match[1]) <= 65535:
                yield Found(word.span, f"`{text}` is no port: they go from 0 to 65535")


RULE = Rule(
    code="invalid-port",
    title="EXPOSE has ports that exist",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("DL3011", "ExposeInvalidFormat"),
    check=_check,
    page=__doc__ or "",
)
