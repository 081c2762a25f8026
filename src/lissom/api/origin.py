"""Where an image comes from: what it stands on, and which lines of a Dockerfile made its steps."""

from __future__ import annotations

from pathlib import Path

from lissom.analysis.ledger.ledger import Origin
from lissom.api.standing_on import standing_on
from lissom.api.world import World
from lissom.image.image import Image
from lissom.store.survey import reach

__all__ = ["origin_of"]


def origin_of(world: World, image: Image, dockerfile: Path | None) -> Origin:  # noqa: ARG001 - read next
    """What is known of ``image``. Raises DockerfileError or UsageError for the file."""
    store = world.store
    found = standing_on(store, image, most=len(image.layers) - 1)
    others = [entry for entry in store.entries() if entry.descriptor.digest != image.digest]
    shared = frozenset(str(digest) for digest in reach(store, others).layers)
    if found is None:
        return Origin(shared=shared)
    name, base = found
    return Origin(name, len(base.layers), len(base.config.history) or None, shared=shared)
