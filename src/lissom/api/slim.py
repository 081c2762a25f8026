"""Slim images: keep what their apps use, prove that they still work, say why."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from lissom.analysis.packages import read_packages
from lissom.analysis.surface import surface
from lissom.api.opened import opened
from lissom.api.places import parse
from lissom.api.world import World
from lissom.errors import UsageError
from lissom.events import Listener, silent
from lissom.image.image import Image
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.tree import Tree
from lissom.slim.account import Account, ProbeRow, Repair
from lissom.slim.account_json import find_account, put_account
from lissom.slim.accounting import kept_rows, removed_rows, side
from lissom.slim.options import Options
from lissom.slim.output import removed_image
from lissom.slim.profile import allowed_calls, seccomp_profile
from lissom.slim.rules.all import RULES
from lissom.slim.scene import Scene
from lissom.slim.slim import Plan, Result, slim
from lissom.slim.subject import Subject
from lissom.verify.compare import Outcome, Verdict, compare, require_sound
from lissom.verify.exercise import exercise
from lissom.verify.observation import Exercise
from lissom.verify.probe import Probes

__all__ = ["Request", "Slimming", "default_tag", "slim_images", "verify_images"]

_SENTENCES = {
    "root": "The root directory.",
    "on the way": "A link or directory on the way to something that stays.",
    "same file": "Another name of a file that stays.",
    "executed": "It was executed while the probes ran.",
    "opened": "It was opened while the probes ran.",
    "asked for": "A program asked for its attributes or whether it is there.",
    "listed": "A program read the names in it.",
    "link": "A program followed or read the link.",
    "directory needed": "A program worked in it or asked for it.",
    "probe": "A probe looks whether it is there.",
    "repair": "The slim image was seen to miss it, so it came back.",
    "--keep": "You asked for it.",
    "record": "It tells scanners and people what is in the image: package records, release, licences.",
    "made": "Made for the slim image.",
}


@dataclass(frozen=True)
class Request:
    """One image to slim, and the name that the result gets; ``removed`` names what was taken out."""

    image: str
    tag: Reference
    probes: Probes
    removed: Reference | None = None


@dataclass(frozen=True)
class Slimming:
    """What became of one image: its account, and the profile when one was wanted."""

    account: Account
    verdict: Verdict
    profile: Mapping[str, Any] | None = field(default=None)

    @property
    def is_minimal(self) -> bool:
        """Whether there was no file to take away."""
        return not any(removed.kind != "directory" for removed in self.account.removed)


def default_tag(text: str) -> Reference:
    """``app:1`` becomes ``app:1-slim``. Raises UsageError for an image without a name."""
    reference = parse(text).reference
    if reference is None:
        raise UsageError(
            f"cannot name what becomes of `{text}`: it has no name itself", hint="say how with -t NAME:TAG"
        )
    return Reference.parse(str(reference.with_tag(f"{reference.tag or 'latest'}-slim")))


def slim_images(
    world: World,
    requests: Sequence[Request],
    options: Options,
    *,
    share: bool = False,
    platform: Platform | None = None,
    listener: Listener = silent,
) -> list[Slimming]:
    """Slim images of any place; the results are named in the store if all proofs hold, and only then.

    Raises VerifyError when a probe fails on an original, SandboxError, StoreError, RegistryError.
    """
    with ExitStack() as images:
        subjects = [
            Subject.of(
                request.image,
                images.enter_context(opened(world, request.image, platform)),
                request.probes,
                world.snapshots,
            )
            for request in requests
        ]
        results = slim(subjects, world.snapshots, options, share=share, listener=listener)
        done = [_finish(world, request, result, options) for request, result in zip(requests, results, strict=True)]
        if all(one.verdict.passed for one in done):
            for request, result, one in zip(requests, results, done, strict=True):
                _name(world, request, result, one, options)
    return done


def _finish(world: World, request: Request, result: Result, options: Options) -> Slimming:
    account = _account(world, request, result, options)
    profile = seccomp_profile(allowed_calls(result.plan.evidence.calls)) if options.calls else None
    return Slimming(account, result.verdict, profile)


def _name(world: World, request: Request, result: Result, done: Slimming, options: Options) -> None:
    original = result.plan.subject.image
    # An image that was minimal already may be what an earlier slim made: what that took out is to be known still.
    if result.image.digest != original.digest or find_account(world.store, original.digest) is None:
        put_account(world.store, done.account)
    if request.removed is not None:
        difference = _tree_of(world, result.image).diff(result.plan.subject.tree)
        image = removed_image(original, difference, world.snapshots, options)
        world.store.name(request.removed, image.manifest.descriptor)
    world.store.name(request.tag, result.image.manifest.descriptor)


def _tree_of(world: World, image: Image) -> Tree:
    return world.snapshots.tree([world.snapshots.adopt(layer) for layer in image.layers])


def _account(world: World, request: Request, result: Result, options: Options) -> Account:
    plan = result.plan
    scene, after = plan.scene, _tree_of(world, result.image)
    packages, config = scene.packages, plan.subject.image.config.config
    owner = _owner_in(scene)
    rules = {**_SENTENCES, **{rule.name: rule.says for rule in RULES}}
    kept = kept_rows(scene.tree, after, plan.keeps, owner)
    return Account(
        side(request.image, plan.subject.image, scene.tree),
        side(request.tag.familiar, result.image, after),
        options.level.value,
        kept,
        removed_rows(scene.tree, after, owner, reasons=_reasons(plan, after, options)),
        {reason: rules.get(reason, "") for reason in {row.reason for row in kept}},
        _rows(result.verdict, plan.evidence.runs[0], result.proof),
        tuple(
            Repair(path, number, plan.keeps[path].because_of if path in plan.keeps else "")
            for path, number in sorted(plan.repairs.items())
        ),
        plan.instead.modules if plan.instead is not None else (),
        tuple(sorted(plan.evidence.calls)) if options.calls else (),
        surface(scene.tree, config, packages, contents=False),
        surface(after, config, read_packages(after), contents=False),
        (),
        _timing(result),
        version("lissom"),
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )


def _reasons(plan: Plan, after: Tree, options: Options) -> dict[str, str]:
    """Why paths went that the app was seen to use."""
    home = f"{plan.instead.home}/" if plan.instead is not None else None
    used = {path: sighting for path, sighting in plan.scene.touched.items() if path not in after}
    if home:
        return {path: "a runtime of the needed modules takes its place" for path in used if path.startswith(home)}
    return {path: f"--drop, though {one.program or 'the start'} used it" for path, one in used.items() if options.drop}


def _timing(result: Result) -> dict[str, float]:
    """Seconds by phase, and how long the app took to be ready: watched, and not."""
    first, second = result.plan.evidence.runs
    ready = {"ready, watched": first.ready, "ready": second.ready, "ready, slim": result.proof.ready}
    return {**result.timing, **{name: seconds for name, seconds in ready.items() if seconds is not None}}


def _owner_in(scene: Scene) -> Callable[[str], str]:
    packages = scene.packages

    def owner(path: str) -> str:
        package = packages.owner(path) or packages.language_owner(path)
        return f"{package.kind} {package.name}" if package is not None else ""

    return owner


def _rows(verdict: Verdict, before: Exercise, after: Exercise) -> tuple[ProbeRow, ...]:
    return tuple(
        ProbeRow(
            row.name,
            row.before,
            row.after if row.outcome is Outcome.PASSED else f"{row.after}: {row.words}".removeprefix(": "),
            row.outcome.value,
            before.by_name[row.name].seconds if row.name in before.by_name else 0,
            after.by_name[row.name].seconds if row.name in after.by_name else 0,
        )
        for row in verdict.rows
    )


def verify_images(
    world: World, original: str, other: str, probes: Probes, options: Options, *, listener: Listener = silent
) -> Verdict:
    """Whether ``other`` does what ``original`` does: two runs of the one against one of the other."""
    with opened(world, original) as old, opened(world, other) as new:

        def run(image: Image, label: str) -> Exercise:
            return exercise(
                image,
                world.snapshots,
                probes,
                listener=listener,
                network=options.network,
                patience=options.patience,
                environment=options.environment or None,
                label=label,
            )

        first = run(old, f"{original}:")
        require_sound(first)
        return compare([first, run(old, f"{original} again:")], run(new, f"{other}:"))
