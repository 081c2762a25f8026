"""Open places: from a place as a user wrote it to images that can be read or written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lissom.api.places import Kind, Place
from lissom.errors import UsageError
from lissom.events import Listener, silent
from lissom.image.image import Blobs, Images
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session
from lissom.store.store import Store

__all__ = ["Access", "Found"]


@dataclass(frozen=True, slots=True)
class Found:
    """An image (or index) in a place, and the blobs to read it with."""

    descriptor: Descriptor
    blobs: Blobs


class Access:
    """What a command may reach: one store, and registries through one session."""

    def __init__(self, store: Store, session: Session, *, listener: Listener = silent) -> None:
        self.store = store
        self.session = session
        self.listener = listener

    @contextmanager
    def reading(self, place: Place) -> Iterator[Found]:
        """The image at ``place``, readable until the block is left. Raises StoreError, RegistryError."""
        if place.kind is Kind.STORE:
            yield Found(self.store.resolve(place.name), self.store)
        elif place.kind is Kind.REGISTRY and place.reference:
            registry = self.registry(place.reference)
            yield Found(registry.get_manifest(place.reference), registry)
        else:
            raise _not_yet(place)

    @contextmanager
    def writing(self, place: Place) -> Iterator[tuple[Images, Reference | None]]:
        """Where to put an image, and the name to put it under; complete when the block is left."""
        if place.kind is Kind.STORE and place.reference:
            yield self.store, place.reference
        elif place.kind is Kind.REGISTRY and place.reference:
            yield self.registry(place.reference), place.reference
        else:
            raise _not_yet(place)

    def registry(self, reference: Reference) -> Registry:
        """The repository of a reference."""
        return Registry(reference, self.session, listener=self.listener)


def _not_yet(place: Place) -> UsageError:
    return UsageError(f"cannot use `{place}`: it names no image")
