"""The commands pull, push and copy, as functions of places."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from lissom.api.access import Access
from lissom.api.documents import blobs_of, read_documents
from lissom.api.holdings import Holdings
from lissom.api.known import Known
from lissom.api.places import Kind, Place, parse
from lissom.api.transfer import Moved, transfer, way_to
from lissom.errors import IntegrityError, StoreError, UsageError
from lissom.image.image import read_blob
from lissom.oci.document import INDEX_TYPES, Descriptor, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.store.store import Store

if TYPE_CHECKING:
    from lissom.api.arriving import Arriving
    from lissom.api.converting import Form
    from lissom.store.snapshots import Snapshots

__all__ = ["copy", "pull", "push", "push_all"]


def pull(
    access: Access,
    text: str,
    *,
    platform: Platform | None = None,
    everything: bool = False,
    unpack: Snapshots | None = None,
) -> Moved:
    """Fetch an image into the store, under the name it has in its registry; one platform of it or ``everything``.

    One that is here unchanged takes one request. With ``unpack`` its layers are unpacked while they arrive, so that
    whoever runs or builds from it need not. Raises RegistryError, IntegrityError, StoreError, UsageError.
    """
    if unpack and everything:
        raise UsageError("cannot use --unpack with --all-platforms: only images for this machine run here")
    place = parse(text, bare=Kind.REGISTRY)
    if place.kind is not Kind.REGISTRY or place.reference is None:
        raise UsageError(f"cannot pull `{text}`: it is not in a registry", hint=f"`lissom copy {text} NAME` reads it")
    target = Place(Kind.STORE, place.name, place.reference)
    moved = _copy(access, place, target, platform=platform, everything=everything, unpack=unpack)
    if unpack:
        # What was here before, or came by another process, did not pass by.
        began = time.monotonic()
        layers = access.store.image(moved.descriptor, platform).layers
        unpack.lowers([unpack.adopt(layer) for layer in layers])
        moved = replace(moved, seconds=moved.seconds + time.monotonic() - began)
    return moved


def push(
    access: Access,
    text: str,
    target: str | None = None,
    *,
    platform: Platform | None = None,
    form: Form | None = None,
) -> Moved:
    """Send an image of the store to a registry: all platforms that the store has of it, or one.

    Raises RegistryError, IntegrityError, StoreError, UsageError.
    """
    source = parse(text)
    if source.kind is not Kind.STORE:
        raise UsageError(
            f"cannot push `{text}`: it is not in the store", hint=f"`lissom copy {text} docker://…` sends it"
        )
    place = parse(target or text, bare=Kind.REGISTRY)
    if place.kind is not Kind.REGISTRY or place.reference is None:
        raise UsageError(
            f"cannot push to `{place}`: it is not a registry", hint=f"`lissom copy {text} {place}` writes it"
        )
    if place.reference.digest and place.reference.tag is None:
        raise UsageError(f"cannot push to `{place}`: a digest cannot be given to an image", hint="push to a tag")
    everything = platform is None and _is_whole(access.store, access.store.resolve(source.name))
    return _copy(access, source, place, platform=platform, everything=everything, form=form)


def push_all(access: Access, text: str, target: str | None = None, *, form: Form | None = None) -> list[Moved]:
    """Send every tag that the store has of a repository, to the same tags of ``target`` if it is another one.

    Raises RegistryError, IntegrityError, StoreError, UsageError; what was sent before a failure stays.
    """
    source, sink = _repository(text), _repository(target or text)
    tags = [known for known, _ in access.store.references() if known.name == source.name and known.tag]
    if not tags:
        raise StoreError(
            f"cannot push `{text}`: the store has no tag of it", hint="`lissom images` lists what is there"
        )
    return [push(access, str(known), str(sink.with_tag(known.tag or "")), form=form) for known in tags]


def _repository(text: str) -> Reference:
    reference = Reference.parse(text.removeprefix("docker://"))
    if ":" in text.rpartition("/")[2] or reference.digest:
        raise UsageError(f"cannot push all tags of `{text}`: it names one of them", hint=f"write `{reference.name}`")
    return reference


def copy(
    access: Access,
    source: str,
    target: str,
    *,
    platform: Platform | None = None,
    everything: bool = False,
    referrers: bool = False,
    form: Form | None = None,
) -> Moved:
    """Copy an image between any two places without unpacking it: as it is stored, unless ``form`` asks for another one.

    With ``referrers`` all that refers to it comes along, and what refers to that. Raises RegistryError,
    IntegrityError, StoreError, UsageError.
    """
    place = parse(target)
    if place.kind is Kind.STORE and place.reference and place.reference.digest:
        raise UsageError(f"cannot copy to `{place}`: a digest cannot be given to an image", hint="name it NAME:TAG")
    return _copy(access, parse(source), place, platform=platform, everything=everything, referrers=referrers, form=form)


def _copy(
    access: Access,
    source: Place,
    target: Place,
    *,
    platform: Platform | None,
    everything: bool,
    referrers: bool = False,
    form: Form | None = None,
    unpack: Snapshots | None = None,
) -> Moved:
    began = time.monotonic()
    if platform and everything:
        raise UsageError("cannot use --platform with --all-platforms: one or all")
    form = _form_for(source, target, form)
    with access.reading(source) as found, access.writing(target, like=source.reference) as (sink, reference):
        way = (found.descriptor,) if everything else way_to(found.descriptor, found.blobs, platform)
        if isinstance(sink, Registry) and reference:
            Holdings(access.store).tell(sink, reference, blobs_of(read_documents(way[-1], found.blobs)))
        if referrers:
            from lissom.api.following import refuse_form

            refuse_form(sink, changed=form is not None)
        plain = form is None and not referrers
        known = _known(access.store, way[-1], reference) if sink is access.store and plain else None
        # A name by digest promises that very document: the indexes on the way are kept, though not all they list.
        exact = len(way) > 1 and reference is not None and reference.digest == way[0].digest and sink is access.store
        if reference and reference.digest and not exact and reference.digest != way[-1].digest:
            raise UsageError(f"cannot copy to `{target}`: the image has digest `{way[-1].digest}`")
        present = _present(access.store, way[-1]) if sink is access.store and plain else None
        if present is not None:
            if reference and not exact:
                access.store.name(reference, way[-1])
            moved = Moved(way[-1], present=present, reference=reference)
        else:
            moved = transfer(
                way[-1],
                found.blobs,
                sink,
                None if exact else reference,
                known=known,
                form=form,
                store=access.store,
                arrival=_arriving(read_blob(found.blobs, way[-1]), access.store, unpack) if unpack else None,
                jobs=access.session.network.connections,
                listener=access.listener,
            )
        for index in reversed(way[:-1] if exact else ()):
            name = reference if index is way[0] else None
            sink.put_manifest(read_blob(found.blobs, index), index.media_type, name)
        if reference is None and not isinstance(sink, Registry):
            sink.keep(moved.descriptor)
        if referrers:
            from lissom.api.following import follow

            moved = follow(
                moved,
                found.blobs,
                sink,
                beside=Index.parse(read_blob(found.blobs, way[-2])) if len(way) > 1 else None,
                names=(source.reference, reference or source.reference),
                store=access.store,
                listener=access.listener,
            )
    return replace(moved, seconds=time.monotonic() - began, reference=reference)


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


def _is_whole(store: Store, descriptor: Descriptor) -> bool:
    """Whether the store holds all that an index lists; a pull of one platform by digest leaves the others out."""
    if descriptor.media_type not in INDEX_TYPES:
        return True
    children = Index.parse(read_blob(store, descriptor)).manifests
    return all(store.has(child.digest) and _is_whole(store, child) for child in children)


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
