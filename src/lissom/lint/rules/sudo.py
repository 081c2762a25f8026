"""A RUN uses sudo.

What: `sudo` as a command of a RUN.
Why: RUN is root unless `USER` says otherwise; sudo in an image is a setuid program that a break-in can use, and it
changes how signals and terminals work.
Bad:
    FROM debian:bookworm
    RUN sudo mkdir /data
Good:
    FROM debian:bookworm
    RUN mkdir /data
Fix: provable: where no `USER` stands before it, the base is one of those known to begin as root, and sudo has no
options, the word goes; else none.
hadolint: agrees, but does not look behind `env` or into `sh -c`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Edit, Span
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StepView, Subject
from lissom.lint.triggers import as_kept, run_calls

__all__ = ["RULE"]


_DISTRIBUTIONS = (
    "almalinux alpine amazonlinux archlinux centos debian fedora opensuse/leap oraclelinux rockylinux ubuntu"
)
_LANGUAGES = "buildpack-deps eclipse-temurin gcc golang maven node openjdk perl php python ruby rust"
_ROOT = frozenset((*_DISTRIBUTIONS.split(), *_LANGUAGES.split()))


def _check(subject: Subject) -> Iterator[Found]:
    for step, call in run_calls(subject):
        if call.program == "sudo" or "sudo" in call.behind:
            word = next((word for word in call.simple.words if (word.value or "").endswith("sudo")), None)
            fix = _without(step, call.simple) if call.exact and _begins_as_root(subject, step) else None
            fix = as_kept(subject.dockerfile, fix) if fix else None
            yield Found(word.span if word and call.exact else call.span, "sudo in a RUN", fix)


def _begins_as_root(subject: Subject, step: StepView) -> bool:
    """Whether the image that the step's stage stands on is known to have no other user."""
    base = subject.stages[step.stage].base
    while base.parent is not None:
        base = subject.stages[base.parent].base
    return base.name in _ROOT


def _without(step: StepView, simple: Simple) -> Fix | None:
    words = simple.words
    if step.user is not None or words[0].value != "sudo" or len(words) < 2 or simple.assignments:
        return None
    if words[1].value is None or words[1].value.startswith("-") or "=" in words[1].value:
        return None
    because = "root needs no sudo; sudo sets some variables of its own, so a build of both proves it"
    edit = Edit(Span(words[0].span.start, words[1].span.start), "")
    return Fix("call it without sudo", (edit,), Safety.PROVABLE, Equivalence.E2, because)


RULE = Rule(
    code="sudo",
    title="No sudo in a RUN",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    aliases=("DL3004",),
    check=_check,
    page=__doc__ or "",
)
