"""COPY has several sources and a destination that is no directory.

What: `COPY a b /c` without a `/` behind the destination.
Why: older builders refuse it; today's, where /c is no directory, put one file after the other in its place, so that
only the last one is left.
Bad:
    FROM debian:bookworm
    COPY one two /srv
Good:
    FROM debian:bookworm
    COPY one two /srv/
Fix: provable (E0): a `/` is put behind the destination, and the files are the same if it is a directory already. Safe
where the destination is `.`.
hadolint: agrees; lissom says the same of ADD.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        found = step.instruction
        if not isinstance(found, Copy | Add) or len(found.sources) + len(found.heredocs) < 2:
            continue
        if found.destination.strip("\"'").endswith("/"):
            continue
        words = arguments(subject.dockerfile, found)
        last = words[-1]
        quote = subject.dockerfile.source.text.rfind('"', found.span.start, last.span.end)
        if words[0].text.startswith("[") and last.text.endswith("]") and quote >= 0:
            at = quote
        else:
            at = last.span.end - (last.text[-1:] in ("'", '"'))
        dots = found.destination in (".", "..") or found.destination.endswith(("/.", "/.."))
        fix = Fix(
            "put / behind the destination",
            (Edit(Span(at, at), "/"),),
            Safety.SAFE if dots else Safety.PROVABLE,
            Equivalence.E0,
            "the destination is a directory" if dots else "the files are the same if it is a directory already",
        )
        message = f"{found.keyword} of several sources needs a destination that ends with /"
        yield Found(last.span, message, fix, severity=Severity.INFO if dots else None)


RULE = Rule(
    code="copy-to-file",
    title="Several sources go into a directory",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("DL3021",),
    check=_check,
    page=__doc__ or "",
)
