"""A comment above FROM or ARG does not describe it.

What: a comment right above a FROM with a name, or above an ARG, that does not begin with that name. Off unless asked
for.
Why: `docker build --call=outline` shows the comment as the description of the stage or argument, if it begins with
the name; docker's experimental check asks for that, or for an empty line between.
Bad:
    # the tools
    FROM debian:bookworm AS build
Good:
    # build has the tools
    FROM debian:bookworm AS build
Fix: safe (E0): an empty line is put between the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Arg, Comment, From, Instruction
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    items = subject.dockerfile.items
    for place, item in enumerate(items[1:], 1):
        above = items[place - 1]
        name = _name(item) if isinstance(item, From | Arg) else None
        if name is None or not isinstance(above, Comment):
            continue
        first = place - 1
        while first and isinstance(items[first - 1], Comment):
            first -= 1
        top = items[first]
        words = top.text.lstrip("# \t").split() if isinstance(top, Comment) else []
        if words and words[0].lower() != name.lower() and isinstance(item, From | Arg):
            fix = Fix(
                "put an empty line between them",
                (Edit(Span(item.span.start, item.span.start), "\n"),),
                Safety.SAFE,
                Equivalence.E0,
                "empty lines and comments are not in the image",
            )
            yield Found(_shown(above), f"the comment does not begin with `{name}`, which it stands above", fix)


def _name(item: Instruction) -> str | None:
    if isinstance(item, From):
        return item.name
    return item.pairs[0][0] if isinstance(item, Arg) else None


def _shown(comment: Comment) -> Span:
    return Span(comment.span.start, comment.span.start + len(comment.text))


RULE = Rule(
    code="stage-comment",
    title="Comments that describe stages",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("InvalidDefinitionDescription",),
    check=_check,
    page=__doc__ or "",
    default=False,
)
