"""One image from a place to another: what of it, under which name, in which form, and what comes with it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lissom.api.access import Access, Found
from lissom.api.documents import blobs_of, read_documents
from lissom.api.holdings import Holdings
from lissom.api.known import Known
from lissom.api.places import Kind, Place
from lissom.api.sent_before import SentBefore
from lissom.api.transfer import Moved, transfer, way_to
from lissom.errors import IntegrityError, UsageError
from lissom.image.image import read_blob
from lissom.oci.document import INDEX_TYPES, Descriptor, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.store.store import Store

if TYPE_CHECKING:
    from lissom.api.arriving import Arriving
    from lissom.api.converting import Form
    from lissom.api.file_places import FileTarget
    from lissom.store.snapshots import Snapshots

__all__ = ["Wish", "copied"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a copy: one ``platform`` (None: this machine's) or ``everything``, with all that refers to it,
    in another ``form``, unpacked into ``unpack`` while it arrives in the store.
    """

    platform: Platform | None
    everything: bool = False
    referrers: bool = False
    form: Form | None = None
    unpack: Snapshots | None = None


def copied(access: Access, source: Place, target: Place, wish: Wish) -> Moved:
    """Copy an image. Raises RegistryError, IntegrityError, StoreError, UsageError."""
    began = time.monotonic()
    if wish.platform and wish.everything:
        raise UsageError("cannot use --platform with --all-platforms: one or all")
    wish = replace(wish, form=_form_for(source, target, wish.form))
    with access.reading(source) as found, access.writing(target, like=source.reference) as (sink, reference):
        way = (found.descriptor,) if wish.everything else way_to(found.descriptor, found.blobs, wish.platform)
        moved = _Copy(access, found, sink, reference, wish, way=way).run(target)
        if wish.referrers:
            names = (source.reference, reference or source.reference)
            moved = _followed(access, found, sink, moved, names=names, way=way)
    return replace(moved, seconds=time.monotonic() - began, reference=reference)


class _Copy:
    """One image, without what refers to it. ``way`` leads from what the place has to what is taken of it."""

    def __init__(
        self,
        access: Access,
        found: Found,
        sink: Store | Registry | FileTarget,
        reference: Reference | None,
        wish: Wish,
        *,
        way: tuple[Descriptor, ...],
    ) -> None:
        self._access = access
        self._store = access.store
        self._found = found
        self._sink = sink
        self._reference = reference
        self._wish = wish
        self._way = way
        # A name by digest promises that very document: the indexes on the way are kept, though not all they list.
        self._exact = (
            len(self._way) > 1
            and reference is not None
            and reference.digest == self._way[0].digest
            and sink is access.store
        )

    def run(self, target: Place) -> Moved:
        """Move what is missing, then name it."""
        image, reference, sink = self._way[-1], self._reference, self._sink
        blobs: list[Descriptor] = []
        before = None
        if isinstance(sink, Registry) and reference:
            blobs, before = blobs_of(read_documents(image, self._found.blobs)), SentBefore(self._store, reference)
            Holdings(self._store).tell(sink, reference, blobs)
            before.tell(sink, blobs)
        if self._wish.referrers:
            from lissom.api.following import refuse_form

            refuse_form(sink, changed=self._wish.form is not None)
        if reference and reference.digest and not self._exact and reference.digest != image.digest:
            raise UsageError(f"cannot copy to `{target}`: the image has digest `{image.digest}`")
        moved = self._there_already() or self._moved()
        for index in reversed(self._way[:-1] if self._exact else ()):
            name = reference if index is self._way[0] else None
            sink.put_manifest(read_blob(self._found.blobs, index), index.media_type, name)
        if reference is None and not isinstance(sink, Registry):
            sink.keep(moved.descriptor)
        if before and self._wish.form is None:
            before.remember(blobs)
        return moved

    @property
    def _plain(self) -> bool:
        """Whether the store may take the image as it has it: it goes there, and nothing is asked of its bytes."""
        return self._sink is self._store and self._wish.form is None and not self._wish.referrers

    def _there_already(self) -> Moved | None:
        image = self._way[-1]
        present = _present(self._store, image) if self._plain else None
        if present is None:
            return None
        if self._reference and not self._exact:
            self._store.name(self._reference, image)
        return Moved(image, present=present, reference=self._reference)

    def _moved(self) -> Moved:
        image, unpack = self._way[-1], self._wish.unpack
        return transfer(
            image,
            self._found.blobs,
            self._sink,
            None if self._exact else self._reference,
            known=_known(self._store, image, self._reference) if self._plain else None,
            form=self._wish.form,
            store=self._store,
            arrival=_arriving(read_blob(self._found.blobs, image), self._store, unpack) if unpack else None,
            jobs=self._access.session.network.connections,
            listener=self._access.listener,
        )


def _followed(
    access: Access,
    found: Found,
    sink: Store | Registry | FileTarget,
    moved: Moved,
    *,
    names: tuple[Reference | None, Reference | None],
    way: tuple[Descriptor, ...],
) -> Moved:
    """What refers to the image, after it."""
    from lissom.api.following import follow

    return follow(
        moved,
        found.blobs,
        sink,
        beside=Index.parse(read_blob(found.blobs, way[-2])) if len(way) > 1 else None,
        names=names,
        store=access.store,
        listener=access.listener,
    )


def _form_for(source: Place, target: Place, form: Form | None) -> Form | None:
    """The form that an image gets at ``target``. Raises UsageError where that has only one."""
    if form and target.kind in (Kind.DOCKER_ARCHIVE, Kind.DAEMON):
        raise UsageError(
            f"cannot use --compression or --format for `{target}`: docker's archives hold plain layers",
            hint="write oci-archive:FILE instead",
        )
    if form and target.reference and target.reference.digest:
        raise UsageError(
            f"cannot give `{target}` another form: its digest would be another one", hint="name it NAME:TAG"
        )
    if form is None and source.kind in (Kind.DOCKER_ARCHIVE, Kind.DAEMON) and target.kind is Kind.REGISTRY:
        # Layers of docker's archives are plain, which is nothing to keep: their manifests are made up anyway.
        from lissom.api.converting import Form as Wanted
        from lissom.rootfs.compress import Compression

        return Wanted(Compression())
    return form


def _arriving(manifest: bytes, store: Store, snapshots: Snapshots) -> Arriving:
    from lissom.api.arriving import Arriving as Unpacking

    return Unpacking(manifest, store, snapshots)


def _known(store: Store, descriptor: Descriptor, reference: Reference | None) -> Known | None:
    """Finds layers of the store by diff ID, for an image that is named by tag; a digest promises exact bytes.

    So does an index, which lists its manifests by digest.
    """
    if reference is None or reference.digest or descriptor.media_type in INDEX_TYPES or store.has(descriptor.digest):
        return None
    return Holdings(store).layer


def _present(store: Store, descriptor: Descriptor) -> int | None:
    """How many blobs an image has that is here whole; None for one that is not, and for an index."""
    if descriptor.media_type in INDEX_TYPES or store.size_of(descriptor.digest) != descriptor.size:
        return None
    try:
        manifest = Manifest.parse(read_blob(store, descriptor))
    except IntegrityError:
        return None
    blobs = (manifest.config, *manifest.layers)
    return len(blobs) if all(store.size_of(blob.digest) == blob.size for blob in blobs) else None
