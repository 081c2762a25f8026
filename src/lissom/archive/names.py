"""How images of a layout or archive are named, and how a user's word finds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lissom.errors import LissomError, StoreError, UsageError
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.oci.referrers import is_fallback_tag

__all__ = ["CONTAINERD_NAME", "REF_NAME", "Held", "find", "held", "named"]

REF_NAME = "org.opencontainers.image.ref.name"
CONTAINERD_NAME = "io.containerd.image.name"


@dataclass(frozen=True, slots=True)
class Held:
    """One image of a layout or archive: every name that it is found by, the reference that it has (if any)."""

    names: tuple[str, ...]
    reference: Reference | None
    descriptor: Descriptor

    @property
    def is_referrer(self) -> bool:
        """Whether it is listed for what it refers to: an artifact without a name, or a tag made of a digest."""
        if not self.names:
            return bool(self.descriptor.artifact_type)
        return is_fallback_tag((self.reference and self.reference.tag) or self.names[0])


def held(descriptor: Descriptor) -> Held:
    """Read the names that an index's descriptor carries in its annotations."""
    full, short = descriptor.annotations.get(CONTAINERD_NAME), descriptor.annotations.get(REF_NAME)
    names = tuple(name for name in (full, short) if name)
    reference = _parsed(full) if full else None
    if reference is None and short and (":" in short or "/" in short):
        reference = _parsed(short)
    annotations = {k: v for k, v in descriptor.annotations.items() if k not in (REF_NAME, CONTAINERD_NAME)}
    return Held(names, reference, replace(descriptor, annotations=annotations))


def named(descriptor: Descriptor, reference: Reference | None) -> Descriptor:
    """The descriptor with the annotations that name it: the tag alone, as tools for layouts expect, and the whole."""
    if reference is None:
        return descriptor
    names = {REF_NAME: reference.tag or str(reference), CONTAINERD_NAME: str(reference)}
    return replace(descriptor, annotations={**descriptor.annotations, **names})


def find(images: Sequence[Held], name: str, origin: str) -> Held:
    """The image that ``name`` means; an empty name means the only one. Raises StoreError."""
    if not name:
        alone = [image for image in images if not image.is_referrer]
        if len({image.descriptor.digest for image in alone}) == 1:
            return alone[0]
        raise StoreError(f"cannot choose an image of `{origin}`: it holds {len(alone)}", hint=_known(alone))
    wanted = _parsed(name)
    for fits in (
        lambda image: name in image.names or name == image.descriptor.digest,
        lambda image: wanted is not None and image.reference == wanted,
        lambda image: image.reference is not None and image.reference.tag == name,
        lambda image: wanted is not None and wanted.digest == image.descriptor.digest,
    ):
        found = [image for image in images if fits(image)]
        if len({image.descriptor.digest for image in found}) == 1:
            return found[0]
    raise StoreError(f"cannot find image `{name}` in `{origin}`: there is no such name", hint=_known(images))


def _known(images: Sequence[Held]) -> str:
    names = [image.reference.familiar if image.reference else image.names[0] for image in images if image.names]
    return f"it holds {', '.join(names[:20])}" if names else "its images have no names"


def _parsed(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except (UsageError, LissomError):
        return None
