"""A program gets the setuid or setgid bit.

What: `chmod u+s`, `g+s` (on files), `4755`, `install -m 4755`, `setcap` in a RUN, and `--chmod=4755` of COPY and ADD.
Why: such a program is what a break-in uses to become root.
Bad:
    FROM debian:bookworm
    RUN chmod u+s /usr/local/bin/backup
Good:
    FROM debian:bookworm
    RUN chmod 755 /usr/local/bin/backup
Fix: none: what needs the rights is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.calls.wrappers import text_of
from lissom.lint.places import flag_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting, run_calls

__all__ = ["RULE"]
_SETUID = re.compile(r"0?[4-7][0-7]{3}|([ugoa]*[+=-][rwxXt]*,)*[uga]*[+=][rwxXt]*s[rwxXst]*(,.*)?")
_SETGID_DIRECTORY = re.compile(r"0?2[0-7]{3}|g\+[rwxX]*s[rwxX]*")


def _check(subject: Subject) -> Iterator[Found]:
    for _, call in run_calls(subject):
        if call.program == "setcap" and "-r" not in call.args:
            yield Found(call.span, "the program gets capabilities that whoever starts it has", severity=Severity.INFO)
        elif call.program in ("chmod", "install"):
            for word in call.words:
                text = text_of(word)
                if _SETUID.fullmatch(text) and not _SETGID_DIRECTORY.fullmatch(text):
                    yield Found(word.span, f"`{text}` makes whoever starts the program somebody else")
                    break
    for step in acting(subject):
        found = step.instruction
        if isinstance(found, Copy | Add) and found.chmod and _SETUID.fullmatch(found.chmod):
            yield Found(flag_span(found, "chmod"), f"`{found.chmod}` makes whoever starts the program somebody else")


RULE = Rule(
    code="setuid",
    title="No new setuid programs",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
