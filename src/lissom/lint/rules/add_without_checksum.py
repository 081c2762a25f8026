"""ADD fetches a file without a checksum.

What: an ADD of an `http:` or `https:` address without `--checksum`. A hint over https, a warning over plain http.
Addresses of git are not told: a commit is its own checksum.
Why: whoever owns the address, or stands on the way, owns the image, and the same file builds another one next month.
Bad:
    FROM debian:bookworm
    ADD http://example.com/app.tar /tmp/
Good:
    FROM debian:bookworm
    ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \\
        http://example.com/app.tar /tmp/
Fix: none: the checksum is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Add
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_FILE = re.compile(r"""["']?(http)(s?)://(?!.*\.git(#|$|["']))""", re.IGNORECASE)


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if not isinstance(step.instruction, Add) or step.instruction.checksum:
            continue
        for word in arguments(subject.dockerfile, step.instruction):
            match = _FILE.match(word.text.lstrip("["))
            if match:
                message = "ADD fetches the file without a checksum" + ("" if match[2] else ", and over plain http")
                yield Found(word.span, message, severity=None if match[2] else Severity.WARNING)


RULE = Rule(
    code="add-without-checksum",
    title="ADD of an address has a checksum",
    category=Category.SAFETY,
    severity=Severity.INFO,
    check=_check,
    page=__doc__ or "",
)
