"""What looks like a JSON array is none.

What: a CMD, ENTRYPOINT, RUN, COPY, VOLUME or SHELL whose text begins with `[` and ends with `]` and is no array of
strings, mostly for single quotes.
Why: it is taken as text: the shell looks for a program named `[nginx,`, COPY for a file of that name.
Bad:
    FROM debian:bookworm
    CMD ['nginx', '-g', 'daemon off;']
Good:
    FROM debian:bookworm
    CMD ["nginx", "-g", "daemon off;"]
Fix: none: what was meant is clear to people, but the image that comes of it is another one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Cmd, Copy, Entrypoint, Instruction, Run, Volume
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        text = _text(step.instruction)
        if text.startswith("[") and text.endswith("]") and not text.startswith(("[ ", "[[")):
            words = arguments(subject.dockerfile, step.instruction)
            span = Span(words[0].span.start, words[-1].span.end)
            yield Found(span, f"this is no JSON array, so {step.instruction.keyword} takes it as plain text")


def _text(instruction: Instruction) -> str:
    """The arguments if they were taken as text."""
    if isinstance(instruction, Cmd | Entrypoint | Run):
        return instruction.command.args[0].strip() if instruction.command.shell else ""
    if isinstance(instruction, Copy):
        return " ".join((*instruction.sources, instruction.destination))
    return " ".join(instruction.paths) if isinstance(instruction, Volume) else ""


RULE = Rule(
    code="broken-json",
    title="JSON arrays have double quotes",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
