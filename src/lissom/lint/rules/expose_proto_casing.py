"""EXPOSE has its protocol in capitals.

What: `EXPOSE 80/TCP`.
Why: the config keeps the protocol in lower case; docker's build checks warn of it.
Bad:
    FROM debian:bookworm
    EXPOSE 80/TCP
Good:
    FROM debian:bookworm
    EXPOSE 80/tcp
Fix: safe (E0): the protocol becomes lower case, as it is in the config anyway; provable inside ONBUILD, whose text
the config keeps.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Expose
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting, as_kept

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if not isinstance(step.instruction, Expose):
            continue
        for word in arguments(subject.dockerfile, step.instruction):
            protocol = word.text.rpartition("/")[2]
            if protocol == word.text or protocol == protocol.lower() or protocol.lower() not in ("tcp", "udp", "sctp"):
                continue
            place = Span(word.span.end - len(protocol), word.span.end)
            fix = Fix(
                f"write {protocol.lower()}",
                (Edit(place, protocol.lower()),),
                Safety.SAFE,
                Equivalence.E0,
                "the config holds the protocol in lower case",
            )
            yield Found(place, f"the protocol `{protocol}` is not in lower case", as_kept(subject.dockerfile, fix))


RULE = Rule(
    code="expose-proto-casing",
    title="Protocols in lower case",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("ExposeProtoCasing",),
    check=_check,
    page=__doc__ or "",
)
