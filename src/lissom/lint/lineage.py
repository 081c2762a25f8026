"""A stage and those that it stands on."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.subject import StageView, StepView, Subject

__all__ = ["lineage", "steps_below"]


def lineage(subject: Subject, stage: StageView) -> Iterator[StageView]:
    """The stage, the one that its FROM names, and so on down to the outside image."""
    yield stage
    while stage.base.parent is not None:
        stage = subject.stages[stage.base.parent]
        yield stage


def steps_below(subject: Subject, stage: StageView) -> list[StepView]:
    """The steps of the stages that ``stage`` stands on, bottom first, then its own."""
    return [step for one in reversed([*lineage(subject, stage)]) for step in one.steps]
