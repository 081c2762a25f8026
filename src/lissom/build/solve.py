"""Run a plan: stages side by side, each step from the cache or for real.

A step's key follows from its parent's key and from the content that it reads. A record in the cache holds only when it
was made on the same parent delta: when a step ran anew, all that was built on its earlier result is built again.
Records are written last, so that a build killed at any instant leaves nothing that a later one would believe.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from lissom.build.key import CacheKey, copy_parts, explain, run_parts, workdir_parts
from lissom.build.ops import Bench, Outcome, Stopped, perform
from lissom.build.step import (
    BaseInput,
    ContextInput,
    CopyOp,
    Operation,
    Plan,
    PlannedStage,
    RunOp,
    StageInput,
    Step,
    WorkdirOp,
)
from lissom.errors import LissomError, SandboxError, StepError
from lissom.events import Decision, StepCached, StepDone, StepStarted
from lissom.store.cache import Record
from lissom.store.snapshots import Delta

__all__ = ["Solver", "State", "base_of"]


@dataclass(frozen=True)
class State:
    """What a stage's root file system is after some step.

    ``chain`` is its deltas, bottom first; ``times`` says when each step's layer was made, by its history line;
    ``empty`` are the history lines whose steps changed nothing; ``keys`` are the cache keys by history line.
    """

    chain: tuple[Delta, ...]
    key: str
    times: Mapping[int, str] = field(default_factory=dict)
    empty: frozenset[int] = frozenset()
    keys: Mapping[int, str] = field(default_factory=dict)


class Solver:
    """One run of one plan."""

    def __init__(self, plan: Plan, bench: Bench) -> None:
        self._plan = plan
        self._bench = bench
        self._stages: dict[int, Future[State]] = {}
        self._slots = threading.Semaphore(2 * (os.cpu_count() or 1))
        self._doing: dict[tuple[str, bool], Future[Outcome]] = {}
        self._guard = threading.Lock()
        self._numbers = {id(step): n for n, step in enumerate((s for p in plan.stages for s in p.steps), 1)}

    def solve(self) -> State:
        """Build every stage of the plan and give the target's state. Raises the first error, after the rest stopped."""
        with ThreadPoolExecutor(len(self._plan.stages), "stage") as pool:
            for stage in self._plan.stages:
                self._stages[stage.index] = Future()
            running = [pool.submit(self._run_stage, stage) for stage in self._plan.stages]
            try:
                wait(running, return_when=FIRST_EXCEPTION)
            except KeyboardInterrupt:
                self._bench.stop.set()
                raise
            failed = [f.exception() for f in running if f.done() and f.exception()]
            if failed:
                self._bench.stop.set()
        errors = [error for future in running if (error := future.exception())]
        for error in sorted(errors, key=lambda e: isinstance(e, Stopped)):
            raise error
        self._bench.inputs.save()
        return self._stages[self._plan.target.index].result()

    def state_of(self, index: int) -> State:
        """What a stage became, waiting for it where it is still being built."""
        return self._stages[index].result()

    def _run_stage(self, stage: PlannedStage) -> None:
        try:
            state = self._base(stage)
            for step in stage.steps:
                state = self._step(stage, step, state)
            self._stages[stage.index].set_result(state)
        except BaseException as error:
            self._stages[stage.index].set_exception(Stopped(str(error)))
            raise

    def _base(self, stage: PlannedStage) -> State:
        if isinstance(stage.base, StageInput):
            return self._stages[stage.base.index].result()
        image = stage.base.image
        diff_ids = [str(d) for d in image.config.diff_ids] if image else []
        key = CacheKey.of({"base": " ".join(diff_ids), "platform": str(stage.platform)})
        return State(self._bench.inputs.chain(stage.base) or (), key.digest)

    def _step(self, stage: PlannedStage, step: Step, state: State) -> State:
        if self._bench.stop.is_set():
            raise Stopped("another step failed")
        bench = self._bench
        number = self._numbers[id(step)]
        with _located(step):
            key, linked = self._key(step, state)
        # Stages that begin alike share what they do: a step is done once in a build, also without a cache.
        forced = bench.is_forced(stage.name, stage.index)
        with self._guard:
            doing = self._doing.get((key.digest, forced))
            mine = self._doing.setdefault((key.digest, forced), Future())
        if doing is not None:
            outcome = doing.result()
            bench.listener(StepCached(number, step.name))
            bench.cache.remember(self._slot(stage, step), key.parts)
            return _after(state, step, key, outcome, linked=linked)
        try:
            outcome = self._outcome(stage, step, state, key, linked=linked)
        except BaseException:
            mine.set_exception(Stopped("another step failed"))
            raise
        mine.set_result(outcome)
        return _after(state, step, key, outcome, linked=linked)

    def _slot(self, stage: PlannedStage, step: Step) -> str:
        """The step's place in its Dockerfile: what its key was there last time explains a miss."""
        return f"{self._bench.scope}/{stage.name or stage.index}/{step.history}"

    def _outcome(self, stage: PlannedStage, step: Step, state: State, key: CacheKey, *, linked: bool) -> Outcome:
        """The step's result from the cache, else by doing it."""
        bench = self._bench
        number, slot = self._numbers[id(step)], self._slot(stage, step)
        parent = "" if linked or not state.chain else state.chain[-1].id
        outcome = self._cached(stage, key, parent)
        if outcome:
            bench.listener(StepCached(number, step.name))
            bench.cache.remember(slot, key.parts)
            return outcome
        if not bench.is_forced(stage.name, stage.index):
            before = bench.cache.last(slot)
            own = before is not None and before.get("parent") == key.parts.get("parent")
            bench.listener(Decision(step.name, explain(before, key.parts), telling=own))
        with self._slots:
            bench.listener(StepStarted(number, step.name))
            outcome = self._perform(stage, step, state, number)
        bench.cache.put(key.digest, Record(outcome.delta.id, parent, outcome.created, key.parts, empty=outcome.empty))
        bench.cache.remember(slot, key.parts)
        return outcome

    def _perform(self, stage: PlannedStage, step: Step, state: State, number: int) -> Outcome:
        started = time.monotonic()
        try:
            with _located(step):
                made = perform(self._bench, step, state.chain, number, directory=self._wants_directory(stage, step))
        except Stopped:
            raise
        except LissomError as error:
            took = time.monotonic() - started
            self._bench.listener(StepDone(number, step.name, took, error=error.message.partition("\n")[0]))
            raise
        self._bench.listener(StepDone(number, step.name, time.monotonic() - started))
        return replace(made, created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))

    def _cached(self, stage: PlannedStage, key: CacheKey, parent: str) -> Outcome | None:
        if self._bench.is_forced(stage.name, stage.index):
            return None
        record = self._bench.cache.get(key.digest)
        if record is not None and record.parent == parent:
            delta = self._bench.snapshots.find(record.delta)
            if delta is not None:
                return Outcome(delta, record.empty, record.created)
        found = self._bench.remote(key.digest)
        if found is not None:
            self._bench.cache.put(
                key.digest, Record(found.delta.id, parent, found.created, key.parts, empty=found.empty)
            )
        return found

    def _key(self, step: Step, state: State) -> tuple[CacheKey, bool]:
        """The step's key, and whether it stands on its own (COPY --link), whatever is below it."""
        linked = all(isinstance(op, CopyOp) and op.link for op in step.operations)
        parts = {"parent": "" if linked else state.key}
        files: dict[str, str] | None = {}
        for number, operation in enumerate(step.operations):
            prefix = f"{number} " if number else ""
            own, chosen = self._operation_parts(operation)
            parts.update({f"{prefix}{name}": value for name, value in own.items()})
            if chosen and files is not None:
                files.update({f"{prefix}{path}": digest for path, digest in chosen.items()})
        return CacheKey.of(parts, files or None), linked

    def _operation_parts(self, operation: Operation) -> tuple[dict[str, str], Mapping[str, str] | None]:
        inputs = self._bench.inputs
        if isinstance(operation, WorkdirOp):
            return {"instruction": "WORKDIR", **workdir_parts(operation)}, None
        if isinstance(operation, CopyOp):
            digest, chosen = inputs.selection(operation)
            parts = {"instruction": "COPY", **copy_parts(operation), "content": digest}
            if self._bench.timestamp is not None and isinstance(operation.input, ContextInput):
                parts["timestamp"] = str(self._bench.timestamp)
            return parts, chosen
        parts = {"instruction": "RUN", **run_parts(operation, self._bench.machine)}
        files: dict[str, str] = {}
        for mount in operation.mounts:
            if mount.input is not None and mount.type == "bind":
                digest, chosen = inputs.subtree(mount.input, mount.source)
                parts[f"mount {mount.target}"] = digest
                files.update({f"{mount.target}/{path}": d for path, d in (chosen or {}).items()})
        return parts, files or None

    def _wants_directory(self, stage: PlannedStage, step: Step) -> bool:
        """Whether a later step needs the result unpacked; else COPY writes its layer directly."""
        if stage is not self._plan.target or self._bench.wants_tree:
            return True
        later = stage.steps[stage.steps.index(step) + 1 :]
        return any(isinstance(op, RunOp) for s in later for op in s.operations)


@contextmanager
def _located(step: Step) -> Iterator[None]:
    """Say in errors which step they come from; a failed process says it itself."""
    try:
        yield
    except (StepError, SandboxError) as error:
        if getattr(error, "status", None) is None and not isinstance(error, Stopped):
            error.message += f"\n  {step.place}: {step.name}"
        raise


def _after(state: State, step: Step, key: CacheKey, outcome: Outcome, *, linked: bool) -> State:
    digest = CacheKey.of({"parent": state.key, "step": key.digest}).digest if linked else key.digest
    return State(
        (*state.chain, outcome.delta),
        digest,
        {**state.times, step.history: outcome.created},
        state.empty | {step.history} if outcome.empty else state.empty,
        {**state.keys, step.history: key.digest},
    )


def base_of(stage: PlannedStage, plan: Plan) -> BaseInput:
    """The outside image that ``stage`` stands on, through the stages between."""
    while isinstance(stage.base, StageInput):
        index = stage.base.index
        stage = next(s for s in plan.stages if s.index == index)
    return stage.base
