"""FROM and AS are in different case.

What: `FROM … as name` or `from … AS name`.
Why: it reads badly, and docker's build checks warn of it.
Bad:
    FROM debian:bookworm as build
Good:
    FROM debian:bookworm AS build
Fix: safe (E0): `AS` takes the case of `FROM`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import arguments, keyword_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.dockerfile.stages:
        keyword = subject.dockerfile.source.cut(keyword_span(stage.from_))
        if stage.name is None or keyword.upper() != "FROM":  # a line may end inside the word
            continue
        word = arguments(subject.dockerfile, stage.from_)[1]
        wanted = "as" if keyword == keyword.lower() else "AS"
        if word.text == wanted or (keyword != keyword.lower() and keyword != keyword.upper()):
            continue
        fix = Fix(
            f"write {wanted}",
            (Edit(word.span, wanted),),
            Safety.SAFE,
            Equivalence.E0,
            "keywords mean the same in any case",
        )
        yield Found(word.span, f"`{word.text}` is in another case than `{keyword}`", fix)


RULE = Rule(
    code="from-as-casing",
    title="AS is in the case of FROM",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("FromAsCasing",),
    check=_check,
    page=__doc__ or "",
)
