"""Layout directories, archives and the docker daemon as places. Apart from ``access``, for pulls need none of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from lissom.api.daemon import loading, saved
from lissom.api.new_file import new_file
from lissom.api.places import Kind, Place
from lissom.archive.docker import DockerArchive, DockerArchiveWriter, open_archive
from lissom.archive.layout import Layout
from lissom.archive.oci import OciArchive, OciArchiveWriter
from lissom.archive.tarfiles import seekable
from lissom.errors import StoreError
from lissom.image.image import Blobs
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.store.store import Store

__all__ = ["FileTarget", "reading", "writing"]

FileTarget = Layout | OciArchiveWriter | DockerArchiveWriter


@contextmanager
def reading(place: Place, store: Store) -> Iterator[tuple[Descriptor, Blobs]]:
    """The image at ``place`` and its blobs, readable until the block is left. Raises StoreError, IntegrityError."""
    if place.kind is Kind.DAEMON:
        with saved(place.name, store.temporary) as file:
            archive = open_archive(file, str(place))
            yield archive.find(place.name), archive
    elif place.kind is Kind.OCI and place.path:
        layout = Layout.open_directory(place.path)
        yield layout.find(place.name), layout
    else:
        with _archive(place, store) as archive:
            yield archive.find(place.name), archive


@contextmanager
def writing(place: Place, store: Store, like: Reference | None) -> Iterator[tuple[FileTarget, Reference | None]]:
    """Where to put an image, and the name to put it under; see ``Access.writing``."""
    if place.kind is Kind.OCI and place.path:
        yield Layout.create(place.path), _name_in(place, like)
    elif place.kind is Kind.DAEMON:
        with loading(place.name) as out:
            daemon = DockerArchiveWriter(out, store.temporary, str(place))
            yield daemon, place.reference
            daemon.close()
    else:
        kind = OciArchiveWriter if place.kind is Kind.OCI_ARCHIVE else DockerArchiveWriter
        with _written(place) as out:
            writer = kind(out, store.temporary, str(place))
            yield writer, _name_in(place, like)
            writer.close()


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


def _name_in(place: Place, like: Reference | None) -> Reference | None:
    if not place.name:
        return None
    if "/" in place.name or ":" in place.name or place.kind is Kind.DOCKER_ARCHIVE:
        return Reference.parse(place.name)
    return (like or Reference.parse("image")).with_tag(place.name)
