"""Package managers that ask before they install, where nobody answers."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.pipes import pipelines
from lissom.lint.rule import Found
from lissom.lint.subject import StepView, Subject
from lissom.lint.triggers import acting, as_kept

__all__ = ["unasked"]

_BECAUSE = "without it the build fails where the question comes, and is the same where it does not"


def unasked(subject: Subject, names: tuple[str, ...], verbs: tuple[str, ...], yes: tuple[str, ...]) -> Iterator[Found]:
    """A finding for each call of one of ``names`` with one of ``verbs`` and none of the options ``yes``."""
    if "Assume-Yes" in subject.dockerfile.source.text:
        return
    for step in acting(subject):
        if isinstance(step.instruction, Run):
            fed = _fed(step)
            for call in calls_of(step):
                if (
                    call.program in names
                    and not call.has(*yes)
                    and call.args.count("-q") < 2
                    and call.simple.span not in fed
                ):
                    yield from _found(subject, call, verbs)


def _found(subject: Subject, call: Call, verbs: tuple[str, ...]) -> Iterator[Found]:
    verb = next((word for word in call.words if word.value in verbs), None)
    if verb is not None:
        edit = Edit(Span(verb.span.end, verb.span.end), " -y")
        fix = Fix("answer with -y", (edit,), Safety.SAFE, Equivalence.E0, _BECAUSE)
        kept = as_kept(subject.dockerfile, fix) if call.exact else None
        place = verb.span if call.exact else call.span
        yield Found(place, f"`{call.program} {verb.value}` asks, and nobody answers while an image is built", kept)


def _fed(step: StepView) -> frozenset[Span]:
    """The places of commands that another one is piped into: ``yes | apt-get install``."""
    pipes = pipelines(step.script) if step.script else ()
    return frozenset(one.span for pipe in pipes for one in pipe.commands[1:])
