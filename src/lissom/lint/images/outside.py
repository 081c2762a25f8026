"""The outside images that a Dockerfile names: in FROM, in ``COPY --from``, in mounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lissom.dockerfile.source import Span
from lissom.dockerfile.stages import find_stage, references
from lissom.lint.subject import Subject

__all__ = ["OutsideImage", "outside_images"]


@dataclass(frozen=True, slots=True)
class OutsideImage:
    """An image as it is named: ``text`` with its variables expanded, its parts ("" where not given), its place.

    ``base`` tells whether FROM names it.
    """

    text: str
    registry: str
    name: str
    tag: str
    digest: str
    span: Span
    base: bool


def outside_images(subject: Subject) -> Iterator[OutsideImage]:
    """Every image that is no stage of the file, as far as variables let tell."""
    for stage in subject.stages:
        if stage.base.parent is None and stage.base.image is not None:
            yield _image(stage.base.image, stage.stage.from_.image_span, base=True)
        for step in stage.steps:
            for reference in references(step.instruction):
                if not reference.name.isdigit() and find_stage(subject.dockerfile, reference.name) is None:
                    yield _image(reference.name, reference.span, base=False)


def _image(text: str, span: Span, *, base: bool) -> OutsideImage:
    rest, _, digest = text.partition("@")
    first, slash, _ = rest.partition("/")
    registry = first if slash and ("." in first or ":" in first or first == "localhost") else ""
    path = rest[len(registry) + 1 :] if registry else rest
    name, _, tag = path.partition(":")
    return OutsideImage(text, registry, name, tag, digest, span, base)
