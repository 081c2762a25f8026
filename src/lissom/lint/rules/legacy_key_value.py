"""`ENV name value` and `LABEL name value` are the old form.

What: ENV or LABEL whose name is followed by a blank, not by `=`.
Why: all that follows is the value, so that `ENV A 1 B=2` sets one variable to `1 B=2`.
Bad:
    FROM debian:bookworm
    ENV DEBIAN_FRONTEND noninteractive
Good:
    FROM debian:bookworm
    ENV DEBIAN_FRONTEND=noninteractive
Fix: safe (E0) where the value stands on one line and holds no quotes or escapes (or is quoted as a whole); provable
inside ONBUILD, whose text the config keeps; else none.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Env, Label
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import pairs
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting, as_kept

__all__ = ["RULE"]
_PLAIN_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/")


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        found = step.instruction
        if not isinstance(found, Env | Label):
            continue
        words = pairs(subject.dockerfile, found)
        if "=" in words[0].text:
            continue
        fix = _modern(subject, found, words[0].span, words[1].span.start if len(words) > 1 else 0)
        yield Found(words[0].span, f"`{found.keyword} name value` is the old form of `name=value`", fix)


def _modern(subject: Subject, found: Env | Label, name: Span, start: int) -> Fix | None:
    source = subject.dockerfile.source
    value = Span(start, found.span.end)
    text = source.cut(value).rstrip()
    if "\n" in source.cut(found.span) or not start or set(source.cut(name)) - _PLAIN_NAME:
        return None
    quote = _quotes_for(text, subject.dockerfile.escape)
    if quote is None:
        return None
    end = start + len(text)
    edits = (Edit(Span(name.end, start), "=" + quote), *([Edit(Span(end, end), quote)] if quote else ()))
    fix = Fix("write name=value", edits, Safety.SAFE, Equivalence.E0, "both forms give the same value")
    return as_kept(subject.dockerfile, fix)


def _quotes_for(value: str, escape: str) -> str | None:
    """The quotes that a value needs in the new form; None when they are not easily told."""
    inner = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    if any(char in inner for char in ('"', "'", escape, "\\", "`")):
        return None
    if inner is not value:
        return ""
    return '"' if any(char.isspace() for char in value) else ""


RULE = Rule(
    code="legacy-key-value",
    title="name=value",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("LegacyKeyValueFormat",),
    check=_check,
    page=__doc__ or "",
)
