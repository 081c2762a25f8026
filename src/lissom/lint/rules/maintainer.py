"""MAINTAINER is deprecated.

What: every `MAINTAINER`.
Why: it fills a field of the config that few tools show; a label is found by all of them.
Bad:
    FROM debian:bookworm
    MAINTAINER Ada <ada@example.com>
Good:
    FROM debian:bookworm
    LABEL org.opencontainers.image.authors="Ada <ada@example.com>"
Fix: provable: files stay the same, of the config `author` gives way to a label. None where the name holds quotes,
variables or backslashes, which the two would read differently.
hadolint: agrees.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit
from lissom.dockerfile.syntax import Dockerfile, Maintainer
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import keyword_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_SPECIAL = frozenset("\"'$\\`\n")


def _check(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        if isinstance(step.instruction, Maintainer):
            fix = _label(subject.dockerfile, step.instruction)
            yield Found(step.instruction.span, "MAINTAINER is deprecated in favour of a label", fix)


def _label(dockerfile: Dockerfile, maintainer: Maintainer) -> Fix | None:
    if _SPECIAL.intersection(dockerfile.source.cut(maintainer.span)):
        return None
    keyword = dockerfile.source.cut(keyword_span(maintainer))
    label = "label" if keyword == keyword.lower() else "LABEL"
    return Fix(
        "write a label",
        (Edit(maintainer.span, f'{label} org.opencontainers.image.authors="{maintainer.name}"'),),
        Safety.PROVABLE,
        Equivalence.E0,
        "files stay the same; the author moves from the config's author field to a label",
        config=("Labels", "author"),
    )


RULE = Rule(
    code="maintainer",
    title="A label names the author",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL4000", "MaintainerDeprecated"),
    check=_check,
    page=__doc__ or "",
)
