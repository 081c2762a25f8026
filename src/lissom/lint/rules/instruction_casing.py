"""Instructions are in different case.

What: a keyword that is not in the case of most others (capitals where there are as many of both), or is mixed itself.
Why: instructions are found by eye; docker's build checks warn of it.
Bad:
    FROM debian:bookworm
    copy app /app
    CMD ["/app"]
Good:
    FROM debian:bookworm
    COPY app /app
    CMD ["/app"]
Fix: safe (E0): the keyword takes the case of most.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import keyword_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    cut = subject.dockerfile.source.cut
    written = [(keyword_span(one), one.keyword) for one in subject.dockerfile.instructions]
    places = [place for place, keyword in written if cut(place).upper() == keyword]  # a line may end inside the word
    words = [cut(place) for place in places]
    lower = sum(word == word.lower() for word in words) > sum(word == word.upper() for word in words)
    for place, word in zip(places, words, strict=True):
        wanted = word.lower() if lower else word.upper()
        if word == wanted:
            continue
        fix = Fix(
            f"write {wanted}",
            (Edit(place, wanted),),
            Safety.SAFE,
            Equivalence.E0,
            "keywords mean the same in any case",
        )
        yield Found(place, f"`{word}` is not in the case of the other instructions", fix)


RULE = Rule(
    code="instruction-casing",
    title="Instructions are in one case",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("ConsistentInstructionCasing",),
    check=_check,
    page=__doc__ or "",
)
