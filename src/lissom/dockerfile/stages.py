"""Which stage needs which: ``FROM stage``, ``COPY --from`` and ``RUN --mount=from=``.

Names match in any case. FROM sees only the stages above it (of several with one name, the nearest); ``--from`` sees all
of the file (of several, the last), but what it finds must be above as well, as BuildKit demands since 2024.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lissom.dockerfile.fault import Fault, dockerfile_error, nearest
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Copy, Dockerfile, Instruction, Run, Stage
from lissom.errors import UsageError

__all__ = ["StageGraph", "StageReference", "find_stage", "find_target", "references"]

_NUMBER = re.compile(r"[-+]?[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class StageReference:
    """A name in ``--from``: a stage's name or number, or an image; ``span`` is the flag."""

    name: str
    span: Span


def find_stage(dockerfile: Dockerfile, name: str, *, before: int | None = None) -> Stage | None:
    """The last stage of that name in any case; ``before`` limits the search to the stages above that index."""
    lower = name.lower()
    return next((stage for stage in reversed(dockerfile.stages[:before]) if stage.name == lower), None)


def find_target(dockerfile: Dockerfile, target: str | None) -> Stage:
    """The stage to build: the last one, or that named ``target`` (a number is no name); UsageError if there is none."""
    if not target:
        return dockerfile.stages[-1]
    found = find_stage(dockerfile, target)
    if found is not None:
        return found
    names = list(dict.fromkeys(stage.name for stage in dockerfile.stages if stage.name))
    guess = nearest(target.lower(), names)
    hint = f"did you mean {guess}?" if guess else f"the stages are {', '.join(names)}" if names else None
    if not names:
        hint = "name a stage with FROM image AS name"
    raise UsageError(f"cannot build target `{target}`: `{dockerfile.source.name}` has no stage of that name", hint=hint)


def references(instruction: Instruction) -> tuple[StageReference, ...]:
    """What the ``--from`` flags and mounts of one instruction name; tmpfs mounts have no source."""
    if isinstance(instruction, Copy) and instruction.from_:
        span = next(flag.span for flag in instruction.flags if flag.name == "from")
        return (StageReference(instruction.from_, span),)
    if not isinstance(instruction, Run):
        return ()
    return tuple(
        StageReference(value, mount.span)
        for mount in instruction.mounts
        if ("type", "tmpfs") not in mount.pairs
        for key, value in mount.pairs
        if key == "from" and value
    )


@dataclass(frozen=True, slots=True)
class StageGraph:
    """The stages and, for each, the indices of those that it needs and where it says so."""

    dockerfile: Dockerfile
    edges: tuple[tuple[tuple[int, Span], ...], ...]

    @classmethod
    def of(cls, dockerfile: Dockerfile, bases: Sequence[str] | None = None) -> StageGraph:
        """Join the stages; ``bases`` are the images of the FROMs with their variables expanded (default: as written).

        DockerfileError if a number is no stage's or a stage needs itself.
        """
        names = bases if bases is not None else [stage.from_.image for stage in dockerfile.stages]
        edges: list[tuple[tuple[int, Span], ...]] = []
        faults: list[Fault] = []
        for stage, base in zip(dockerfile.stages, names, strict=True):
            needs: list[tuple[int, Span]] = []
            below = find_stage(dockerfile, base, before=stage.index)
            if below is not None:
                needs.append((below.index, stage.from_.image_span))
            for instruction in stage.instructions:
                for reference in references(instruction):
                    index = _index(dockerfile, reference, faults)
                    if index is not None:
                        needs.append((index, reference.span))
            edges.append(tuple(needs))
        graph = cls(dockerfile, tuple(edges))
        faults += graph.cycles()
        if faults:
            raise dockerfile_error(dockerfile.source, faults)
        return graph

    def needed(self, target: Stage) -> tuple[Stage, ...]:
        """``target`` and all that it needs, each stage behind those that it needs itself.

        DockerfileError if one of them refers to a stage below it; in stages that are not needed that is no fault.
        """
        order: dict[int, None] = {}
        faults: list[Fault] = []
        stack = [(target.index, False)]
        while stack:
            index, ready = stack.pop()
            if ready:
                order[index] = None
            elif index not in order:
                stack.append((index, True))
                stack.extend((need, False) for need, _ in reversed(self.edges[index]))
                faults += (self._below(need, span) for need, span in self.edges[index] if need > index)
        if faults:
            raise dockerfile_error(self.dockerfile.source, faults)
        return tuple(self.dockerfile.stages[index] for index in order)

    def cycles(self) -> list[Fault]:
        """A fault for every circle, at the reference in it that leads down the file (each circle has one)."""
        faults: list[Fault] = []
        finished: set[int] = set()
        for root in range(len(self.edges)):
            path: list[tuple[int, Span]] = [(root, Span(0, 0))]
            ahead = [iter(self.edges[root])]
            while path and root not in finished:
                need = next(ahead[-1], None)
                if need is None:
                    finished.add(path.pop()[0])
                    ahead.pop()
                elif need[0] in (index for index, _ in path):
                    faults.append(self._circle(path, need))
                elif need[0] not in finished:
                    path.append(need)
                    ahead.append(iter(self.edges[need[0]]))
        return faults

    def _below(self, index: int, span: Span) -> Fault:
        name = self.dockerfile.stages[index].name or str(index)
        return Fault(span, f"the stage `{name}` stands below the stage that needs it", "move its FROM block above")

    def _circle(self, path: list[tuple[int, Span]], last: tuple[int, Span]) -> Fault:
        begin = next(place for place, (index, _) in enumerate(path) if index == last[0])
        circle = [*path[begin:], last]
        names = [self.dockerfile.stages[index].name or str(index) for index, _ in circle]
        span = next(need[1] for stage, need in pairwise(circle) if need[0] >= stage[0])
        if len(names) == 2:
            return Fault(span, f"the stage `{names[0]}` needs itself", "copy from a stage above it, or from an image")
        return Fault(span, f"the stage `{names[0]}` needs itself: {' needs '.join(names)}")


def _index(dockerfile: Dockerfile, reference: StageReference, faults: list[Fault]) -> int | None:
    if not _NUMBER.fullmatch(reference.name):
        stage = find_stage(dockerfile, reference.name)
        return stage.index if stage else None
    number = int(reference.name)
    if 0 <= number < len(dockerfile.stages):
        return number
    last = len(dockerfile.stages) - 1
    hint = f"the stages are numbered from 0 to {last}" if last else "the file has one stage: its number is 0"
    faults.append(Fault(reference.span, f"there is no stage {number}", hint))
    return None
