"""ENV uses a variable that it sets itself.

What: `ENV A=… B=$A` where `A` was not set before: all values of one ENV are expanded with what held before it.
Why: `B` is empty, not what `A` is.
Bad:
    FROM debian:bookworm
    ENV HOME_DIR=/srv BIN_DIR=$HOME_DIR/bin
Good:
    FROM debian:bookworm
    ENV HOME_DIR=/srv
    ENV BIN_DIR=$HOME_DIR/bin
Fix: none: the split gives another value (the one that was meant, surely, but not the same image).
hadolint: agrees, but takes `\\$A` and `'$A'`, which are no variables, for some.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.expand import ExpandError, process
from lissom.dockerfile.syntax import Env
from lissom.lint.places import pairs
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        for step in stage.steps:
            if not isinstance(step.instruction, Env) or len(step.instruction.pairs) < 2:
                continue
            names = {name for name, _ in step.instruction.pairs}
            places = pairs(subject.dockerfile, step.instruction)
            for (name, value), place in zip(step.instruction.pairs, places, strict=False):
                used = [one for one in _used(value, subject.dockerfile.escape) if one in names and one != name]
                used = [one for one in used if one not in step.env]
                if used:
                    yield Found(place.span, f"`{min(used)}` is set by the same ENV and still unset here")


def _used(value: str, escape: str) -> frozenset[str]:
    try:
        return process(value, lambda _name: None, escape=escape).missing
    except ExpandError:
        return frozenset()


RULE = Rule(
    code="env-self-reference",
    title="ENV does not use what it sets",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("DL3044",),
    check=_check,
    page=__doc__ or "",
)
