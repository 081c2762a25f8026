"""Open places: from a place as a user wrote it to images that can be read or written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from lissom.api.daemon import loading, saved
from lissom.api.new_file import new_file
from lissom.api.places import Kind, Place
from lissom.archive.docker import DockerArchive, DockerArchiveWriter, open_archive
from lissom.archive.layout import Layout
from lissom.archive.oci import OciArchive, OciArchiveWriter
from lissom.archive.tarfiles import seekable
from lissom.errors import StoreError, UsageError
from lissom.events import Listener, silent
from lissom.image.image import Blobs
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session
from lissom.store.store import Store

__all__ = ["Access", "Found", "Target"]

Target = Store | Registry | Layout | OciArchiveWriter | DockerArchiveWriter


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
        elif place.kind is Kind.DAEMON:
            with saved(place.name, self.store.temporary) as file:
                archive = open_archive(file, str(place))
                yield Found(archive.find(place.name), archive)
        elif place.kind is Kind.OCI and place.path:
            layout = Layout.open_directory(place.path)
            yield Found(layout.find(place.name), layout)
        else:
            with _archive(place, self.store) as archive:
                yield Found(archive.find(place.name), archive)

    @contextmanager
    def writing(self, place: Place, *, like: Reference | None) -> Iterator[tuple[Target, Reference | None]]:
        """Where to put an image, and the name to put it under; complete when the block is left without an error.

        ``like`` is the image's name where it comes from: a place that takes a bare tag needs a repository too.
        """
        if place.kind is Kind.STORE:
            yield self.store, _name_for_store(place)
        elif place.kind is Kind.REGISTRY and place.reference:
            self._seen.clear()
            yield self.registry(place.reference), place.reference
        elif place.kind is Kind.OCI and place.path:
            yield Layout.create(place.path), _name_in(place, like)
        elif place.kind is Kind.DAEMON:
            with loading(place.name) as out:
                daemon = DockerArchiveWriter(out, self.store.temporary, str(place))
                yield daemon, place.reference
                daemon.close()
        else:
            kind = OciArchiveWriter if place.kind is Kind.OCI_ARCHIVE else DockerArchiveWriter
            with _written(place) as out:
                writer = kind(out, self.store.temporary, str(place))
                yield writer, _name_in(place, like)
                writer.close()

    def _found(self, reference: Reference) -> Found:
        """What a reference names, asked for once: a tag that moves meanwhile is the same image to the whole command."""
        if reference not in self._seen:
            registry = self.registry(reference)
            self._seen[reference] = Found(registry.get_manifest(reference), registry)
        return self._seen[reference]

    def registry(self, reference: Reference, *, at_origin: bool = False) -> Registry:
        """The repository of a reference; ``at_origin`` reads past mirrors what is about to be changed."""
        return Registry(reference, self.session, at_origin=at_origin, listener=self.listener)


@contextmanager
def _archive(place: Place, store: Store) -> Iterator[DockerArchive | OciArchive]:
    assert place.path is not None
    try:
        with seekable(place.path, store.temporary) as file:
            yield open_archive(file, str(place.path))
    except OSError as error:
        raise StoreError(f"cannot read `{place}`: {error.strerror}") from error


@contextmanager
def _written(place: Place) -> Iterator[BinaryIO]:
    assert place.path is not None
    try:
        with new_file(place.path) as file:
            yield file
    except OSError as error:
        raise StoreError(f"cannot write `{place}`: {error.strerror}") from error


def _name_for_store(place: Place) -> Reference:
    if place.reference is None:
        raise UsageError(f"cannot copy to `{place}`: a digest cannot be given to an image", hint="name it NAME:TAG")
    return place.reference


def _name_in(place: Place, like: Reference | None) -> Reference | None:
    if not place.name:
        return None
    if "/" in place.name or ":" in place.name or place.kind is Kind.DOCKER_ARCHIVE:
        return Reference.parse(place.name)
    return (like or Reference.parse("image")).with_tag(place.name)
