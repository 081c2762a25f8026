"""Open places: from a place as a user wrote it to images that can be read or written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lissom.api.places import Kind, Place
from lissom.errors import UsageError
from lissom.events import Listener, silent
from lissom.image.image import Blobs
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session
from lissom.store.store import Store

if TYPE_CHECKING:
    from lissom.api.file_places import FileTarget

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
        self._seen: dict[Reference, Found] = {}

    @contextmanager
    def reading(self, place: Place) -> Iterator[Found]:
        """The image at ``place``, readable until the block is left.

        Raises StoreError, RegistryError, IntegrityError.
        """
        if place.kind is Kind.STORE:
            yield Found(self.store.resolve(place.name), self.store)
        elif place.kind is Kind.REGISTRY and place.reference:
            yield self._found(place.reference)
        else:
            from lissom.api.file_places import reading

            with reading(place, self.store) as (descriptor, blobs):
                yield Found(descriptor, blobs)

    @contextmanager
    def writing(
        self, place: Place, *, like: Reference | None
    ) -> Iterator[tuple[Store | Registry | FileTarget, Reference | None]]:
        """Where to put an image, and the name to put it under; complete when the block is left without an error.

        ``like`` is the image's name where it comes from: a place that takes a bare tag needs a repository too.
        """
        if place.kind is Kind.STORE:
            yield self.store, _name_for_store(place)
        elif place.kind is Kind.REGISTRY and place.reference:
            self._seen.clear()
            yield self.registry(place.reference), place.reference
        else:
            from lissom.api.file_places import writing

            with writing(place, self.store, like) as named:
                yield named

    def _found(self, reference: Reference) -> Found:
        """What a reference names, asked for once: a tag that moves meanwhile is the same image to the whole command."""
        if reference not in self._seen:
            registry = self.registry(reference)
            self._seen[reference] = Found(registry.get_manifest(reference), registry)
        return self._seen[reference]

    def registry(self, reference: Reference, *, at_origin: bool = False) -> Registry:
        """The repository of a reference; ``at_origin`` reads past mirrors what is about to be changed."""
        return Registry(reference, self.session, at_origin=at_origin, listener=self.listener)


def _name_for_store(place: Place) -> Reference:
    if place.reference is None:
        raise UsageError(f"cannot copy to `{place}`: a digest cannot be given to an image", hint="name it NAME:TAG")
    return place.reference
