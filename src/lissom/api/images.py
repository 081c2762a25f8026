"""Images of the store: list, name, remove, inspect, history."""

from __future__ import annotations

from lissom.errors import UsageError
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.store.store import Store

__all__ = ["tag"]


def tag(store: Store, source: str, target: str) -> Descriptor:
    """Let ``target`` name the image that ``source`` names. Raises StoreError, UsageError."""
    reference = Reference.parse(target)
    if reference.digest:
        raise UsageError(f"cannot tag `{source}` as `{target}`: a digest cannot be given to an image")
    descriptor = store.resolve(source)
    store.names.set(reference, descriptor)
    return descriptor
