"""For which platform the store has an image."""

from __future__ import annotations

from lissom.errors import StoreError
from lissom.image.image import read_blob
from lissom.oci.document import INDEX_TYPES, Descriptor, Index
from lissom.oci.platform import Platform
from lissom.store.store import Store

__all__ = ["present_platform"]


def present_platform(store: Store, descriptor: Descriptor) -> Platform | None:
    """This machine's platform, or the first one that the store has of an image for others only."""
    if descriptor.media_type not in INDEX_TYPES:
        return None
    try:
        if store.has(store.manifest(descriptor).digest):
            return None
    except StoreError:
        pass
    here = [d for d in Index.parse(read_blob(store, descriptor)).manifests if store.has(d.digest)]
    return here[0].platform if here else None
