"""A slim: see what an image uses, keep that and what belongs to it, prove that it still works.

Each image is run twice: the first run is watched, the second tells what of its answers is the same each time. What
stays is decided from the first, written as layers, and run under the same probes. What it then misses of the original
comes back, and the proof is repeated, a bounded number of times. Nothing gets a name here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from lissom.events import Decision, Listener, silent
from lissom.image.image import Image
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Tree
from lissom.sandbox.watch import Sighting, Watcher
from lissom.slim.closure import closure
from lissom.slim.instead import find_replacement
from lissom.slim.keep import Keep
from lissom.slim.layering import Part, changesets, common_layers, is_whole
from lissom.slim.options import Options
from lissom.slim.output import put_image, write_image
from lissom.slim.profile import allowed_calls, profile_filter
from lissom.slim.records import record_paths
from lissom.slim.reduced import Replacement, Slimmed, slimmed
from lissom.slim.rules.all import RULES
from lissom.slim.scene import Level, Scene
from lissom.slim.subject import Evidence, Subject
from lissom.slim.touched import touched
from lissom.store.snapshots import Snapshots
from lissom.verify.compare import Verdict, compare, require_sound
from lissom.verify.exercise import exercise
from lissom.verify.observation import Exercise

__all__ = ["Plan", "Result", "slim"]

PROBE, REPAIR, RECORD = "probe", "repair", "record"
_DOCUMENTS = "usr/share/doc/"


@dataclass(frozen=True)
class Plan:
    """What is to stay of one image, and why. ``repairs`` tells in which round a path came back."""

    evidence: Evidence
    scene: Scene
    keeps: Mapping[str, Keep]
    slimmed: Slimmed
    instead: Replacement | None = None
    repairs: Mapping[str, int] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        return self.evidence.subject


@dataclass(frozen=True)
class Result:
    """What became of one image; ``timing`` is seconds by phase."""

    plan: Plan
    image: Image
    proof: Exercise
    verdict: Verdict
    timing: Mapping[str, float]


def slim(
    subjects: Sequence[Subject],
    snapshots: Snapshots,
    options: Options,
    *,
    share: bool = False,
    listener: Listener = silent,
) -> list[Result]:
    """Slim images; with ``share`` what they have below in common stays common.

    Raises VerifyError when a probe fails on an original already, SandboxError when containers cannot be made. A proof
    that fails is in the result.
    """
    return _Slim(snapshots, options, share, listener).run(subjects)


@dataclass(frozen=True)
class _Slim:
    snapshots: Snapshots
    options: Options
    share: bool
    listener: Listener
    timing: dict[str, float] = field(default_factory=dict)

    def run(self, subjects: Sequence[Subject]) -> list[Result]:
        plans = [self.plan(subject) for subject in subjects]
        for number in range(1, self.options.rounds + 2):
            images = self.write(plans)
            proofs = [self.prove(plan, image) for plan, image in zip(plans, images, strict=True)]
            repaired = plans
            if number <= self.options.rounds:
                repaired = [self.repair(plan, seen, number) for plan, (_, seen) in zip(plans, proofs, strict=True)]
            if all(new is old for new, old in zip(repaired, plans, strict=True)):
                break
            plans = repaired
        return [
            Result(plan, image, proof, compare(plan.evidence.runs, proof), dict(self.timing))
            for plan, image, (proof, _) in zip(plans, images, proofs, strict=True)
        ]

    def plan(self, subject: Subject) -> Plan:
        """Watch one run; decide on what it shows while a second one tells what is the same each time."""
        with Watcher(every_call=self.options.calls) as watcher, self.timed("watched run"):
            first = self.exercise(subject.image, subject, "original:", watcher)
        sightings = watcher.sightings()
        require_sound(first)
        with ThreadPoolExecutor(1) as pool:
            again = pool.submit(self.exercise, subject.image, subject, "original again:", None)
            with self.timed("decide"):
                scene = self.scene(subject, sightings, watcher.links())
                keeps = self.closed(scene, [Keep(path, PROBE) for path in sorted(subject.probes.paths)])
                instead = self.instead(subject, scene, keeps)
                left = slimmed(scene, keeps, strip=self.options.strip, instead=instead)
            with self.timed("second run"):
                second = again.result()
        evidence = Evidence(subject, (first, second), sightings, watcher.calls())
        return Plan(evidence, scene, keeps, left, instead)

    def exercise(self, image: Image, subject: Subject, label: str, watcher: Watcher | None) -> Exercise:
        return exercise(
            image,
            self.snapshots,
            subject.probes,
            watch=watcher,
            listener=self.listener,
            network=self.options.network,
            patience=self.options.patience,
            environment=self.options.environment or None,
            label=label,
        )

    def scene(self, subject: Subject, sightings: Mapping[Sighting, int], links: Mapping[str, str]) -> Scene:
        found = touched(subject.tree, sightings, _with_links(subject.tree, links))
        config = subject.image.config.config
        return Scene(subject.tree, config, tuple(sightings), self.options.level, found.paths, found.listed)

    def closed(self, scene: Scene, also: Sequence[Keep]) -> dict[str, Keep]:
        keeps = closure(scene, RULES, keep=self.options.keep, drop=self.options.drop, also=also)
        for path in record_paths(scene.packages, keeps):
            if scene.level is not Level.STRICT or not path.startswith(_DOCUMENTS):
                keeps.add(Keep(path, RECORD))
        return dict(keeps)

    def instead(self, subject: Subject, scene: Scene, keeps: Mapping[str, Keep]) -> Replacement | None:
        """A Java runtime for a JDK's place, where there is one."""
        if not self.options.link:
            return None
        return find_replacement(scene, keeps, subject.chain, self.snapshots, self.listener)

    def write(self, plans: Sequence[Plan]) -> list[Image]:
        """The slim images, in the store without a name."""
        with self.timed("write"):
            parts = [
                Part(plan.subject.levels(self.snapshots), plan.slimmed.tree, plan.slimmed.changed) for plan in plans
            ]
            chains = [[delta.id for delta in plan.subject.chain] for plan in plans]
            shared = common_layers(chains) if self.share and len(plans) > 1 else 0
            if not shared and all(map(is_whole, parts)):
                return [put_image(plan.subject.image, self.snapshots) for plan in plans]
            divided = changesets(parts, shared, boundaries=self.options.boundaries)
            return [
                write_image(plan.subject.image, layers, self.snapshots, self.options)
                for plan, layers in zip(plans, divided, strict=True)
            ]

    def prove(self, plan: Plan, image: Image) -> tuple[Exercise, Mapping[str, Sighting]]:
        profile = profile_filter(allowed_calls(plan.evidence.calls)) if self.options.calls else b""
        with Watcher(profile=profile) as watcher, self.timed("proof"):
            proof = self.exercise(image, plan.subject, "slim:", watcher)
        tree = plan.subject.tree
        return proof, touched(tree, watcher.sightings(), _with_links(tree, watcher.links())).paths

    def repair(self, plan: Plan, seen: Mapping[str, Sighting], number: int) -> Plan:
        """The plan with what the slim image asked for in vain though the original has it; itself when that is none."""
        missed = list(_missed(plan, seen))
        if not missed:
            return plan
        also = [keep for keep in plan.keeps.values() if keep.reason in (REPAIR, PROBE)] + missed
        keeps = self.closed(plan.scene, also)
        back = [keep for keep in missed if keep.path in keeps]
        if not back:  # the user dropped it
            return plan
        for keep in back:
            self.listener(Decision(f"/{keep.path}", f"missed by {keep.because_of}, comes back", telling=True))
        repairs = {**plan.repairs, **{keep.path: number for keep in back}}
        left = slimmed(plan.scene, keeps, strip=self.options.strip, instead=plan.instead)
        return replace(plan, keeps=keeps, slimmed=left, repairs=repairs)

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self.timing[phase] = self.timing.get(phase, 0) + time.monotonic() - begin


def _with_links(tree: Tree, links: Mapping[str, str]) -> Tree | None:
    """``tree`` with the links that programs made: what they reached through them they used."""
    if not links:
        return None
    made = {path.strip("/"): target for path, target in links.items()}
    return Tree({**tree, **{path: Entry(path, Kind.SYMLINK, 0o777, link=target) for path, target in made.items()}})


def _missed(plan: Plan, asked: Mapping[str, Sighting]) -> Iterator[Keep]:
    left: Tree = plan.slimmed.tree
    home = f"{plan.instead.home}/" if plan.instead is not None else None
    for path, sighting in asked.items():
        if path not in left and path not in plan.repairs and not (home and path.startswith(home)):
            yield Keep(path, REPAIR, sighting.program.strip("/"))
