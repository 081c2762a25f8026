"""The index over the images of a build for several platforms, and what annotations a build can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lissom.errors import UsageError
from lissom.image.image import Image
from lissom.oci.annotation import DESCRIPTOR, INDEX, MANIFEST, Annotation, chosen
from lissom.oci.document import Index
from lissom.oci.platform import Platform

__all__ = ["check_annotations", "index_of"]


def check_annotations(annotations: Sequence[Annotation], platforms: Sequence[Platform]) -> None:
    """Raise UsageError for annotations that nothing of the build could have."""
    for one in annotations:
        if one.kind != MANIFEST and len(platforms) == 1:
            raise UsageError(
                f"cannot use annotation `{one.key}` of the {one.kind}: one platform makes no index",
                hint="annotate the manifest, or give several platforms",
            )
        if one.platform and one.platform not in platforms:
            raise UsageError(f"cannot use annotation `{one.key}`: {one.platform} is not built")


def index_of(images: Sequence[Image], annotations: Sequence[Annotation], platforms: Sequence[Platform]) -> Index:
    """The index of images that were built for ``platforms``, in that order."""
    manifests = [
        replace(
            image.manifest.descriptor,
            annotations=chosen(annotations, DESCRIPTOR, platform),
            platform=image.platform,
        )
        for image, platform in zip(images, platforms, strict=True)
    ]
    return Index.make(manifests, chosen(annotations, INDEX))
