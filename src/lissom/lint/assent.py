"""Package managers that ask before they install, where nobody answers."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.pipes import pipelines
from lissom.lint.rule import Found
from lissom.lint.subject import StepView, Subject
from lissom.lint.triggers import run_calls

__all__ = ["unasked"]

_BECAUSE = "without it the build fails where the question comes, and is the same where it does not"


def unasked(subject: Subject, names: tuple[str, ...], verbs: tuple[str, ...], yes: tuple[str, ...]) -> Iterator[Found]:
    """A finding for each call of one of ``names`` with one of ``verbs`` and none of the options ``yes``."""
    if "Assume-Yes" in subject.dockerfile.source.text:
        return
    for step, call in run_calls(subject):
        if call.program not in names:
            continue
        verb = next((word for word in call.words if word.value in verbs), None)
        if verb is None or call.has(*yes) or call.args.count("-q") > 1 or _answered(step, call.span):
            continue
        edit = Edit(Span(verb.span.end, verb.span.end), " -y")
        fix = Fix("answer with -y", (edit,), Safety.SAFE, Equivalence.E0, _BECAUSE) if call.exact else None
        yield Found(
            verb.span if call.exact else call.span,
            f"`{call.program} {verb.value}` asks, and nobody answers while an image is built",
            fix,
        )


def _answered(step: StepView, span: Span) -> bool:
    """Whether another command is piped into the call: ``yes | apt-get install``."""
    return step.script is not None and any(
        pipe.span.start < span.start < pipe.span.end and pipe.commands[0].span.end <= span.start
        for pipe in pipelines(step.script)
    )
