"""Which image of an index runs on a platform, as the image specification's index page tells."""

from __future__ import annotations

from lissom.errors import StoreError
from lissom.oci.document import INDEX_TYPES, Descriptor, Index
from lissom.oci.platform import Platform

__all__ = ["select"]

_UNKNOWN = "unknown"


def select(index: Index, platform: Platform | None = None) -> Descriptor:
    """The manifest (or inner index) of ``index`` for ``platform``, None being this machine's.

    The newest variant that runs wins. Attestations are no images. An index of one image gives that one when no platform
    is asked for, whatever its own. Raises StoreError.
    """
    images = [d for d in index.manifests if d.platform is None or d.platform.os != _UNKNOWN]
    if platform is None and len(images) == 1:
        return images[0]
    wanted = platform or Platform.host()
    fitting = [d for d in images if d.platform and wanted.runs(d.platform)]
    if fitting:
        return max(fitting, key=lambda d: d.platform.variant if d.platform else "")
    inner = [d for d in images if d.platform is None]
    if len(inner) == 1 or (inner and all(d.media_type in INDEX_TYPES for d in inner)):
        return inner[0]
    there = ", ".join(sorted({str(d.platform) for d in images if d.platform})) or "none"
    raise StoreError(
        f"cannot use image `{index.digest}` for {wanted}: it has no such platform",
        hint=f"its platforms: {there}",
    )
