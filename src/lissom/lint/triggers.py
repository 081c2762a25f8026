"""Steps as they act: an ONBUILD is the instruction that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lissom.dockerfile.shell.reading import script_of
from lissom.dockerfile.syntax import Dockerfile, Onbuild, Run
from lissom.lint.caches.call import Call, calls_of
from lissom.lint.caches.memo import remembered
from lissom.lint.subject import StageView, StepView, Subject

__all__ = ["acting", "acting_in", "run_calls"]


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


def run_calls(subject: Subject) -> Iterator[tuple[StepView, Call]]:
    """Every call of every RUN, those of ONBUILD too."""
    for step in acting(subject):
        if isinstance(step.instruction, Run):
            yield from ((step, call) for call in calls_of(step))
