"""Whether what a RUN leaves in a cache is used by something that comes later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from lissom.dockerfile.stages import references
from lissom.dockerfile.syntax import Cmd, Copy, Entrypoint, Run
from lissom.lint.caches.cache import Cache
from lissom.lint.caches.harmless import opaque
from lissom.lint.caches.left import Left, above, acting_steps
from lissom.lint.caches.removal import homely, mentions, needs_it
from lissom.lint.calls.reading import calls_of
from lissom.lint.effects.paths import overlap
from lissom.lint.memo import remembered
from lissom.lint.subject import StageView, StepView, Subject

__all__ = ["Use", "later_use"]

_OFFLINE = ("--offline", "--no-index", "--frozen-offline", "--no-network")


class Use(Enum):
    """What comes of a cache."""

    NONE = 0
    UNSURE = 1
    SURE = 2


def later_use(subject: Subject, left: Left, cache: Cache) -> Use:
    """Whether a later step of this stage, a stage on it, ONBUILD, or one that copies from it uses what is left."""
    places = cache.places(left.call)
    use = max((_step_use(step, places, cache).value for step in _later(subject, left)), default=0)
    return Use(max(use, _copied(subject, left.stage, places).value))


def _later(subject: Subject, left: Left) -> Iterator[StepView]:
    yield from acting_steps(subject, left.stage)[left.index + 1 :]
    for stage in above(subject, left.stage):
        yield from acting_steps(subject, stage)


@remembered
def _step_use(step: StepView, places: Sequence[str], cache: Cache) -> Use:
    instruction = step.instruction
    if not isinstance(instruction, Run | Cmd | Entrypoint):
        return Use.NONE
    calls = calls_of(step)
    if not calls:
        return Use.UNSURE if isinstance(instruction, Run) and cache.needed else Use.NONE
    found = Use.NONE
    for at, call in enumerate(calls):
        fresh = any(cache.fills(one) for one in calls[:at])
        named = any(mentions(call, path) for path in places) and needs_it(call)
        if not isinstance(instruction, Run) and (named or cache.fills(call)):
            return Use.SURE
        if not fresh and cache.reader(call):
            return Use.SURE
        hidden = cache.needed and isinstance(instruction, Run) and opaque(call)
        cut_off = cache.fills(call) and not cache.needed and (_cut_off(step) or call.has(*_OFFLINE))
        if named or hidden or cut_off:
            found = Use.UNSURE
    return found


def _cut_off(step: StepView) -> bool:
    return isinstance(step.instruction, Run) and step.instruction.network == "none"


@remembered
def _copied(subject: Subject, stage: StageView, places: Sequence[str]) -> Use:
    """Whether another stage copies or mounts from here what the cache is in."""
    names = {str(stage.stage.index), stage.stage.name}
    for other in above(subject, stage):
        names |= {str(other.stage.index), other.stage.name}
    for step in subject.steps():
        if not any(one.name.lower() in names for one in references(step.instruction)):
            continue
        if not isinstance(step.instruction, Copy):
            return Use.UNSURE
        for source in step.instruction.sources:
            if "$" in source or any(overlap(homely(source), homely(path)) for path in places):
                return Use.UNSURE
    return Use.NONE
