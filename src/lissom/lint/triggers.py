"""Steps as they act: an ONBUILD is the instruction that it holds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from lissom.dockerfile.shell.reading import script_of
from lissom.dockerfile.syntax import Dockerfile, Onbuild, Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.fix import Fix, Safety
from lissom.lint.memo import remembered
from lissom.lint.subject import StageView, StepView, Subject

__all__ = ["acting", "acting_in", "as_kept", "run_calls"]


def acting(subject: Subject) -> Iterator[StepView]:
    """Every step of every stage, ONBUILD's triggers in the place of the ONBUILD."""
    for stage in subject.stages:
        yield from acting_in(subject, stage)


def acting_in(subject: Subject, stage: StageView) -> Iterator[StepView]:
    """The steps of one stage, ONBUILD's triggers in the place of the ONBUILD."""
    posix = stage.base.family != "windows"
    for step in stage.steps:
        yield _trigger(subject.dockerfile, step, posix) if isinstance(step.instruction, Onbuild) else step


@remembered
def _trigger(dockerfile: Dockerfile, step: StepView, posix: bool) -> StepView:
    assert isinstance(step.instruction, Onbuild)
    trigger = step.instruction.trigger
    return replace(step, instruction=trigger, script=script_of(dockerfile, trigger) if posix else None)


def as_kept(dockerfile: Dockerfile, fix: Fix) -> Fix:
    """The fix as it is outside of ONBUILD; inside, the config keeps the text of the trigger, so a build has to tell."""
    at = bisect_right(dockerfile.instructions, fix.edits[0].span.start, key=lambda one: one.span.start) - 1
    if at < 0 or not isinstance(dockerfile.instructions[at], Onbuild):
        return fix
    safety = Safety.PROVABLE if fix.safety is Safety.SAFE else fix.safety
    return replace(fix, safety=safety, config=(*fix.config, "OnBuild"))


def run_calls(subject: Subject) -> Iterator[tuple[StepView, Call]]:
    """Every call of every RUN, those of ONBUILD too."""
    for step in acting(subject):
        if isinstance(step.instruction, Run):
            yield from ((step, call) for call in calls_of(step))
