"""Where caches are left in layers that are shipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Run
from lissom.lint.caches.cache import Cache
from lissom.lint.caches.removal import homely
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.effects.paths import covers
from lissom.lint.memo import remembered
from lissom.lint.subject import StageView, StepView, Subject
from lissom.lint.triggers import acting_in

__all__ = ["Left", "above", "acting_steps", "left_of", "mounted", "shipped_runs", "vain_clearing"]


@dataclass(frozen=True)
class Left:
    """A call that fills a cache, and nothing in its RUN clears it. ``index`` is the step's place in its stage."""

    stage: StageView
    index: int
    step: StepView
    call: Call
    calls: tuple[Call, ...]


def shipped_runs(subject: Subject) -> Iterator[tuple[StageView, int, StepView]]:
    """The RUNs of stages whose layers are in the image, ONBUILD's too."""
    for stage in subject.stages:
        if stage.shipped:
            for index, step in enumerate(acting_steps(subject, stage)):
                if isinstance(step.instruction, Run):
                    yield stage, index, step


def left_of(subject: Subject, cache: Cache) -> Iterator[Left]:
    """Each call that leaves the cache in a shipped layer."""
    for stage in subject.stages:
        if not stage.shipped or _switched_off(subject, stage.base.parent, cache):
            continue
        for index, step in enumerate(acting_steps(subject, stage)):
            calls = calls_of(step) if isinstance(step.instruction, Run) else ()
            off = next((at for at, call in enumerate(calls) if cache.off(call)), len(calls))
            for at, call in enumerate(calls[:off]):
                if _leaves(cache, step, calls, at):
                    yield Left(stage, index, step, call, calls)
            if off < len(calls):
                break


def vain_clearing(subject: Subject, left: Left, cache: Cache) -> Span | None:
    """Where a later step of the image clears what is left: that hides it and gives no byte back."""
    places = cache.places(left.call)
    for step in _later(subject, left):
        clearing = _clearing(step, cache, places)
        if clearing is not None:
            fresh, call = clearing
            return None if fresh else call.span
    return None


@remembered
def acting_steps(subject: Subject, stage: StageView) -> tuple[StepView, ...]:
    """The steps of a stage, ONBUILD's triggers in the place of the ONBUILD."""
    return tuple(acting_in(subject, stage))


@remembered
def _clearing(step: StepView, cache: Cache, places: Sequence[str]) -> tuple[bool, Call] | None:
    """The call of a step that clears the cache, and whether that was filled there before."""
    calls = calls_of(step)
    for at, call in enumerate(calls):
        if cache.clears(call, places):
            return any(cache.fills(one) for one in calls[:at]), call
    return None


def above(subject: Subject, stage: StageView) -> Iterator[StageView]:
    """The stages that stand on a stage, directly or not."""
    standing = {stage.stage.index}
    for other in subject.stages:
        if other.base.parent in standing and other.stage.index not in standing:
            standing.add(other.stage.index)
            yield other


def mounted(step: StepView, paths: Sequence[str]) -> bool:
    """Whether one of the paths is a mount of the RUN, so that nothing of it is in the layer."""
    if not isinstance(step.instruction, Run):
        return False
    for mount in step.instruction.mounts:
        pairs = dict(mount.pairs)
        target = pairs.get("target") or pairs.get("dst") or pairs.get("destination") or ""
        if any(covers(homely(_expanded(target, step)), homely(path)) for path in paths if target):
            return True
    return False


def _switched_off(subject: Subject, parent: int | None, cache: Cache) -> bool:
    """Whether a step of the stages below switches the cache off."""
    while parent is not None:
        stage = subject.stages[parent]
        if any(cache.off(call) for step in stage.runs for call in calls_of(step)):
            return True
        parent = stage.base.parent
    return False


def _leaves(cache: Cache, step: StepView, calls: Sequence[Call], at: int) -> bool:
    call = calls[at]
    if not cache.fills(call) or cache.stays_empty(call):
        return False
    places = cache.places(call)
    if mounted(step, places) or all(path.startswith("/dev/") for path in places):
        return False
    return not any(cache.clears(later, places) for later in calls[at + 1 :])


def _later(subject: Subject, left: Left) -> Iterator[StepView]:
    yield from acting_steps(subject, left.stage)[left.index + 1 :]
    for stage in above(subject, left.stage):
        if stage.shipped:
            yield from acting_steps(subject, stage)


def _expanded(text: str, step: StepView) -> str:
    for name, value in step.env.items():
        if value is not None and "$" in text:
            text = text.replace("${" + name + "}", value).replace("$" + name, value)
    return text
