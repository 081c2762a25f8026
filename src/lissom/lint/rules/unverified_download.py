"""A download is used without a look at what came.

What: curl or wget in a RUN that writes a file or feeds an archive to a program, where the RUN checks neither a
checksum (`sha256sum -c`, `b2sum`, `openssl dgst` …) nor a signature (`gpg --verify`, `cosign`, `minisign`). A hint
over https, a warning over plain http. Scripts that are run as they come have a rule of their own.
Why: whoever owns the address, or stands on the way, owns the image, and the same file builds another one next month.
Bad:
    FROM debian:bookworm
    RUN curl -fsSL -o /tmp/app.tar http://example.com/app.tar && tar -xf /tmp/app.tar
Good:
    FROM debian:bookworm
    ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \\
        https://example.com/app.tar /tmp/app.tar
    RUN tar -xf /tmp/app.tar
Fix: none: the checksum is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_CHECKS = re.compile(
    r"(sha(1|224|256|384|512)|md5|b2|b3|ck)(sum|deep)|shasum|gpgv?2?|cosign|minisign|signify|slsa-verifier|sq|rhash"
)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_NEAR = re.compile(r"https?://(localhost|127\.|\[::1\]|0\.0\.0\.0)", re.IGNORECASE)
_QUESTIONS = ("-I", "--head", "--spider")


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if not isinstance(step.instruction, Run):
            continue
        calls = calls_of(step)
        if any(_verifies(call) for call in calls):
            continue
        for call in calls:
            addresses = [text for text in call.args if _ADDRESS.match(text) and not _NEAR.match(text)]
            if call.program in ("curl", "wget") and addresses and not call.has(*_QUESTIONS):
                plain = any(text.lower().startswith("http:") for text in addresses)
                message = "the download is not checked" + (", and comes over plain http" if plain else "")
                yield Found(call.span, message, severity=Severity.WARNING if plain else None)


def _verifies(call: Call) -> bool:
    return _CHECKS.fullmatch(call.program) is not None or (call.program == "openssl" and "dgst" in call.args)


RULE = Rule(
    code="unverified-download",
    title="Downloads are checked",
    category=Category.SAFETY,
    severity=Severity.INFO,
    check=_check,
    page=__doc__ or "",
)
