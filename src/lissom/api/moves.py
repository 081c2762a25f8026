"""The commands pull, push and copy, as functions of places."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from lissom.api.access import Access
from lissom.api.copying import Wish, copied
from lissom.api.places import Kind, Place, parse
from lissom.api.transfer import Moved
from lissom.errors import StoreError, UsageError
from lissom.image.image import read_blob
from lissom.oci.document import INDEX_TYPES, Descriptor, Index
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.store.store import Store

if TYPE_CHECKING:
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
    moved = copied(access, place, target, Wish(platform, everything=everything, unpack=unpack))
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
    return copied(access, source, place, Wish(platform, everything=everything, form=form))


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
    wish = Wish(platform, everything=everything, referrers=referrers, form=form)
    return copied(access, parse(source), place, wish)


def _is_whole(store: Store, descriptor: Descriptor) -> bool:
    """Whether the store holds all that an index lists; a pull of one platform by digest leaves the others out."""
    if descriptor.media_type not in INDEX_TYPES:
        return True
    children = Index.parse(read_blob(store, descriptor)).manifests
    return all(store.has(child.digest) and _is_whole(store, child) for child in children)
