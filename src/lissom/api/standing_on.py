"""The image that another one stands on, as far as the store knows it."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.api.transfer import choose
from lissom.errors import LissomError
from lissom.image.image import Image
from lissom.store.store import Store

__all__ = ["BASE_NAME", "begins", "named_images", "standing_on"]

_BASE_DIGEST = "org.opencontainers.image.base.digest"
BASE_NAME = "org.opencontainers.image.base.name"


def standing_on(store: Store, image: Image, *, most: int) -> tuple[str, Image] | None:
    """The image that the annotation of ``image`` names, else the longest beginning that another one of the store is.

    One that is found by its layers has ``most`` at the most; the annotated one only has fewer than ``image``.
    """
    told, count = image.manifest.annotations.get(_BASE_DIGEST), len(image.layers)
    found = [pair for pair in named_images(store) if begins(image, pair[1]) and len(pair[1].layers) < count]
    for name, base in found:
        if base.digest == told:
            return name, base
    found = [pair for pair in found if len(pair[1].layers) <= most]
    return max(found, key=lambda pair: len(pair[1].layers)) if found else None


def named_images(store: Store) -> Iterator[tuple[str, Image]]:
    """Every named image of the store that can be read, for each platform that is there the first."""
    for reference, descriptor in store.references():
        try:
            yield reference.familiar, store.image(choose(descriptor, store, None))
        except LissomError:
            continue


def begins(image: Image, below: Image) -> bool:
    """Whether the layers of ``below`` are the lowest of ``image``."""
    count = len(below.layers)
    return 0 < count <= len(image.layers) and image.config.diff_ids[:count] == below.config.diff_ids
