"""A comment stands behind an instruction.

What: a `#` behind the arguments of an instruction, where it is taken as a part of the value (in FROM, ENV, EXPOSE and
others it fails the build, with a good message). In a RUN it is a comment of the shell.
Why: the language has no comments behind instructions: `VOLUME /data # files` makes a volume `#` and a volume `files`.
Bad:
    FROM debian:bookworm
    USER app # not root
Good:
    FROM debian:bookworm
    # not root
    USER app
Fix: unsafe (E3): the comment gets a line of its own, so the value is another one: that which was meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.warned import warned

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for warning in warned(subject, "TrailingComment"):
        yield Found(warning.span, "the comment is taken as a part of the value", _moved(subject, warning.span))
    for step in subject.steps():
        if not isinstance(step.instruction, Copy | Add):
            continue
        words = arguments(subject.dockerfile, step.instruction)
        hash_at = next((place for place, word in enumerate(words) if word.text.startswith("#") and place > 1), None)
        if hash_at is not None:
            span = Span(words[hash_at].span.start, words[-1].span.end)
            yield Found(span, "the comment is taken for sources and a destination", _moved(subject, span))


def _moved(subject: Subject, span: Span) -> Fix | None:
    source = subject.dockerfile.source
    holder = next((one for one in subject.dockerfile.instructions if one.span.start <= span.start < one.span.end), None)
    if holder is None or "\n" in source.cut(holder.span):
        return None
    start = span.start
    while source.text[start - 1] in " \t":
        start -= 1
    return Fix(
        "give the comment a line of its own",
        (Edit(Span(holder.span.start, holder.span.start), source.cut(span) + "\n"), Edit(Span(start, span.end), "")),
        Safety.UNSAFE,
        Equivalence.E3,
        "the value no longer holds the words of the comment",
    )


RULE = Rule(
    code="trailing-comment",
    title="Comments have lines of their own",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
