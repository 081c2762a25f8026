"""Annotations as ``docker buildx build --annotation`` takes them: ``[KIND[PLATFORM]:]KEY=VALUE``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lissom.errors import UsageError
from lissom.oci.platform import Platform

__all__ = ["DESCRIPTOR", "INDEX", "MANIFEST", "Annotation", "chosen"]

MANIFEST = "manifest"
INDEX = "index"
DESCRIPTOR = "manifest-descriptor"

_KINDS = (MANIFEST, INDEX, DESCRIPTOR)
_FORM = re.compile(r"(?:([a-z-]+)(?:\[([a-z0-9_./-]+)\])?:)?([^\s=]+)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: of an image's manifest, of the index, or of a manifest's descriptor in the index.

    ``platform`` is the only one that it is for; None is every one.
    """

    kind: str
    platform: Platform | None
    key: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Annotation:
        """Read a flag; without a kind it is the manifest's. Raises UsageError."""
        found = _FORM.fullmatch(text)
        if not found:
            raise UsageError(f"cannot use annotation `{text}`: it is not of the form [KIND:]KEY=VALUE")
        kind, platform, key, value = found.groups()
        if kind == "index-descriptor":
            raise UsageError(f"cannot use annotation `{text}`: nothing describes an index but its name")
        if kind not in (*_KINDS, None):
            raise UsageError(
                f"cannot use annotation `{text}`: `{kind}` is no kind of annotation",
                hint="kinds: " + ", ".join(_KINDS),
            )
        if kind == INDEX and platform:
            raise UsageError(f"cannot use annotation `{text}`: an index is for no platform alone")
        return cls(kind or MANIFEST, Platform.parse(platform) if platform else None, key, value)


def chosen(found: Iterable[Annotation], kind: str, platform: Platform | None = None) -> dict[str, str]:
    """Those of one kind that hold for a platform; the last of a key counts."""
    return {one.key: one.value for one in found if one.kind == kind and one.platform in (None, platform)}
