"""Where an image comes from: what it stands on, and which lines of a Dockerfile made its steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lissom.analysis.ledger.ledger import Origin
from lissom.analysis.ledger.lines import match_lines
from lissom.analysis.ledger.provenance import Attested
from lissom.analysis.ledger.steps import read_steps
from lissom.api.attested import attested
from lissom.api.standing_on import BASE_NAME, standing_on
from lissom.api.world import World
from lissom.build.lines import Lines, find_lines, text_digest
from lissom.dockerfile.parser import parse
from lissom.dockerfile.syntax import Dockerfile
from lissom.image.image import Image
from lissom.store.survey import reach

__all__ = ["origin_of"]


def origin_of(world: World, text: str, image: Image, dockerfile: Path | None) -> Origin:
    """What is known of ``image``, which the user named ``text``: by what lissom's build kept, by the file that the user
    gives, by BuildKit's attestation, by the store's images.

    Raises DockerfileError for the file, UsageError when it cannot be read, IntegrityError.
    """
    store = world.store
    others = [entry for entry in store.entries() if entry.descriptor.digest != image.digest]
    origin = Origin(shared=frozenset(str(digest) for digest in reach(store, others).layers))
    kept = find_lines(store, image.digest)
    origin = _standing(world, image, origin) if kept is None or not kept.base_layers else _built(origin, kept)
    if dockerfile is None and kept is None:
        return _attested(image, origin, attested(world, text, image))
    if dockerfile is None:
        return replace(origin, lines=kept.steps, file=kept.file) if kept else origin
    from lissom.api.lint import read_dockerfile

    parsed = parse(read_dockerfile(dockerfile), str(dockerfile))
    if kept is not None and kept.digest == text_digest(parsed.source.text):
        return replace(origin, lines=kept.steps, file=str(dockerfile))
    return _matched(image, origin, parsed)


def _built(origin: Origin, kept: Lines) -> Origin:
    return replace(origin, base=kept.base, base_layers=kept.base_layers, base_steps=kept.base_steps)


def _standing(world: World, image: Image, origin: Origin) -> Origin:
    found = standing_on(world.store, image, most=len(image.layers) - 1)
    if found is None:
        return replace(origin, base=image.manifest.annotations.get(BASE_NAME, ""))
    name, base = found
    return replace(origin, base=name, base_layers=len(base.layers), base_steps=len(base.config.history) or None)


def _attested(image: Image, origin: Origin, told: Attested | None) -> Origin:
    if told is None:
        return origin
    steps = read_steps(image.config.history, len(image.layers))
    lines = {
        step.number: told.layers[step.layer] for step in steps if step.layer is not None and step.layer in told.layers
    }
    return replace(origin, lines=lines, file=told.file)


def _matched(image: Image, origin: Origin, dockerfile: Dockerfile) -> Origin:
    """Lines by the text of the history. What lies below the first of them is the base's, where nothing else tells."""
    history = image.config.history
    matched = match_lines(history, dockerfile)
    origin = replace(origin, lines=matched.steps, file=dockerfile.source.name)
    if origin.base_layers or matched.first is None:
        return origin
    below = [step for step in read_steps(history[: matched.first], len(image.layers)) if step.created_by]
    layers = sum(step.layer is not None for step in below)
    return replace(origin, base_layers=layers, base_steps=matched.first)
