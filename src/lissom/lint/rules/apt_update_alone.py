"""apt's lists are fetched in one RUN and used in another.

What: a RUN that calls `apt-get update` and installs nothing, in any stage that is used, while a later RUN installs
without an update of its own.
Why: the build cache keeps the two apart. When the later line changes, it runs with lists that are weeks old: packages
are missing or outdated. And the lists cannot be removed in the layer that holds them.
Bad:
    FROM debian:bookworm
    RUN apt-get update
    RUN apt-get install -y --no-install-recommends git
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends git
Fix: safe (E0) where the RUN holds nothing but the update, nothing but ENV, ARG, LABEL and their like stands before the
RUN that uses the lists, and that is a plain chain of `&&`: the update moves there. Else none: join the RUNs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Arg, Cmd, Entrypoint, Env, Expose, Healthcheck, Instruction, Label, Onbuild, Run
from lissom.lint.caches.apt import APT_LISTS, installs, updates
from lissom.lint.caches.left import above
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.edits.ending import with_line_end
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StageView, StepView, Subject

__all__ = ["RULE"]

_IDLE = (Arg, Cmd, Entrypoint, Env, Expose, Healthcheck, Label)


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        for index, step in enumerate(stage.steps if stage.used else ()):
            update = _lone_update(step)
            reader = _reader(subject, stage, index) if update else None
            if update and reader:
                line = subject.dockerfile.source.line_col(reader[1].span.start)[0]
                message = f"line {line} uses the lists that this fetches, however old they are in the build cache"
                yield Found(update.span, message, _fix(subject, stage, index, reader[0]))


def _lone_update(step: StepView) -> Call | None:
    """The update of a RUN that installs nothing."""
    calls = calls_of(step) if isinstance(step.instruction, Run) else ()
    found = next((call for call in calls if updates(call) and call.verb == "update"), None)
    return found if found and not any(installs(call) for call in calls) else None


def _reader(subject: Subject, stage: StageView, index: int) -> tuple[StepView, Call] | None:
    """The next RUN that uses lists, and its call; None if it fetches them itself."""
    standing = [step for other in above(subject, stage) for step in other.steps]
    for step in (*stage.steps[index + 1 :], *standing):
        for call in calls_of(step) if isinstance(step.instruction, Run) else ():
            if updates(call):
                return None
            if APT_LISTS.reader(call):
                return step, call
    return None


def _fix(subject: Subject, stage: StageView, index: int, reader: StepView) -> Fix | None:
    step = stage.steps[index]
    later = next((at for at, one in enumerate(stage.steps) if one is reader), None)
    if later is None or not _is_only_update(step) or not _is_plain(reader):
        return None
    if not _is_idle([one.instruction for one in stage.steps[index + 1 : later]]):
        return None
    script, target = step.script, reader.script
    if script is None or target is None or step.user != reader.user or step.shell != reader.shell:
        return None
    source = subject.dockerfile.source
    text = source.cut(script.span)
    if "\n" in text or script.comments:
        return None
    at = target.span.start
    edits = (Edit(with_line_end(source, step.instruction.span), ""), Edit(Span(at, at), f"{text} && "))
    because = "the same commands run in the same order, and nothing lies between them"
    return Fix("fetch the lists where they are used", edits, Safety.SAFE, Equivalence.E0, because)


def _is_only_update(step: StepView) -> bool:
    chain = step.script.chain if step.script else None
    plain = chain is not None and len(chain) == 1 and not chain[0].redirections
    return plain and not step.instruction.flags


def _is_plain(step: StepView) -> bool:
    """Whether the script is one list of ``&&`` that begins with a simple command, and sets nothing up before it."""
    chain = step.script.chain if step.script else None
    return bool(chain) and not step.instruction.flags and not isinstance(step.instruction, Onbuild)


def _is_idle(between: Sequence[Instruction]) -> bool:
    return all(isinstance(one, _IDLE) and "proxy" not in one.text.lower() for one in between)


RULE = Rule(
    code="apt-update-alone",
    title="apt's lists are fetched in one RUN and used in another",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
