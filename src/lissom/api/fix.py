"""Mend a Dockerfile: lint it, make the fixes, and, when asked, prove by building that its image stays the same."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.dockerfile.source import Source
from lissom.dockerfile.syntax import Dockerfile
from lissom.events import Listener, silent
from lissom.lint.build_context.facts import context_facts
from lissom.lint.fix import Equivalence, Safety
from lissom.lint.fixed import Fixed
from lissom.lint.fixing import Find, fix
from lissom.lint.lint import lint
from lissom.lint.proof import Proof, Proven, Saving
from lissom.lint.rule import Finding
from lissom.lint.settings import Settings
from lissom.lint.subject import ContextFacts
from lissom.lint.views import subject_of

if TYPE_CHECKING:
    from lissom.api.build_request import BuildRequest
    from lissom.api.world import World
    from lissom.image.image import Image
    from lissom.verify.observation import Exercise
    from lissom.verify.patience import Patience
    from lissom.verify.probe import Probes

__all__ = ["Asking", "fix_text", "verify"]


@dataclass(frozen=True)
class Asking:
    """How the probes are to be put; ``environment`` is what scripts of the user's get."""

    probes: Probes
    network: str
    patience: Patience
    environment: Mapping[str, str] = field(default_factory=dict)


def fix_text(
    source: Source,
    settings: Settings,
    context: ContextFacts | None,
    *,
    allowed: Collection[Safety] = (Safety.SAFE,),
    files: Mapping[str, str] | None = None,
) -> Fixed:
    """Make the fixes of allowed safety; nothing is built. ``files`` are beside it, written or not. DockerfileError."""
    return fix(source, _finder(settings, context), allowed=allowed, files=files)


def verify(
    source: Source,
    settings: Settings,
    context: ContextFacts | None,
    request: BuildRequest,
    world: World,
    *,
    asking: Asking | None = None,
    unsafe: bool = False,
    builds: int = 8,
    listener: Listener = silent,
) -> Proof:
    """Make fixes that building proves to hold, and with ``asking`` those too that the app's probes prove.

    ``builds`` more images are built, at the most, to tell what each fix saves. Raises what the build of the original
    raises, VerifyError when the proof fails as a whole.
    """
    from lissom.api.fix_measure import savings
    from lissom.api.fix_proof import prove
    from lissom.api.fix_trial import Trials

    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fix-", dir=world.store.temporary) as scratch:
        trials = Trials(request, source.name, world, listener, Path(scratch))
        exercise = _exercise(asking, world, listener) if asking is not None else None
        proof, drafts = prove(
            source, _finder(settings, context, request.target), trials, exercise=exercise, unsafe=unsafe
        )
        saved = savings(len(proof.kept), lambda count: trials.size(drafts[count]()), builds=builds)
        kept = _levels(proof.kept, saved, lambda count: trials.files(drafts[count]()))
        return replace(proof, kept=kept, savings=saved, builds=trials.builds, seconds=time.monotonic() - begin)


def _levels(kept: Sequence[Proven], saved: Sequence[Saving], files: Callable[[int], object]) -> tuple[Proven, ...]:
    """The proofs, and that of fixes which leave the very same layers needs no noise, whatever others need."""
    found = list(kept)
    for one in saved:
        if one.size == 0 and files(one.first - 1) == files(one.last):
            for number in range(one.first - 1, one.last):
                if found[number].level is Equivalence.E2:
                    found[number] = replace(found[number], level=Equivalence.E0)
    return tuple(found)


def _finder(settings: Settings, context: ContextFacts | None, target: str | None = None) -> Find:
    def find(dockerfile: Dockerfile, files: Mapping[str, str]) -> tuple[Finding, ...]:
        facts = context
        if facts is not None and facts.ignore_name in files:
            facts = context_facts(facts.tree, files[facts.ignore_name], facts.ignore_name)
        return lint(subject_of(dockerfile, context=facts, settings=settings.of_rules, target=target), settings)

    return find


def _exercise(asking: Asking, world: World, listener: Listener) -> Callable[[Image, str], Exercise]:
    from lissom.verify.exercise import exercise

    def put(image: Image, label: str) -> Exercise:
        return exercise(
            image,
            world.snapshots,
            asking.probes,
            listener=listener,
            network=asking.network,
            patience=asking.patience,
            environment=asking.environment or None,
            label=label,
        )

    return put
