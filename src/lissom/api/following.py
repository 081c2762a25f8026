"""What refers to an image, copied after it: to wherever the image went, with what refers to that in turn."""

from __future__ import annotations

from dataclasses import replace

from lissom.api.referring import referred
from lissom.api.transfer import Moved, transfer
from lissom.archive.docker import DockerArchiveWriter
from lissom.errors import IntegrityError, UsageError
from lissom.events import Listener, Warned, silent
from lissom.image.image import Blobs, Images
from lissom.image.referrer import Bond, Referrer
from lissom.oci.document import Index
from lissom.oci.reference import Reference
from lissom.store.store import Store

__all__ = ["follow", "refuse_form"]


def refuse_form(sink: Images, *, changed: bool) -> None:
    """Raise UsageError where referrers cannot follow: they name their image by its digest, and need a place."""
    if isinstance(sink, DockerArchiveWriter):
        raise UsageError(
            "cannot use --referrers with a docker archive: it holds images alone", hint="an oci-archive holds all"
        )
    if changed:
        raise UsageError("cannot use --referrers where the image is changed: what refers to it means its very bytes")


def follow(
    moved: Moved,
    source: Blobs,
    sink: Images,
    *,
    beside: Index | None,
    names: tuple[Reference | None, Reference | None],
    store: Store,
    listener: Listener = silent,
) -> Moved:
    """Copy all that refers to the image that was ``moved``; gives what moved in all.

    ``beside`` is the index that lists the image in ``source``; ``names`` are the image's there and in ``sink``, for
    things of cosign's, which have tags beside it. Raises RegistryError, IntegrityError, StoreError.
    """
    tree = referred(moved.descriptor, source, beside=beside, reference=names[0])
    for one in tree.all():
        if one.contents is None:
            listener(Warned(f"cannot copy `{one.descriptor.digest}`: it is listed, but its manifest is not there"))
        elif one.bond is not Bond.ATTESTATION:  # those came with their index
            moved = _with(moved, _copied(one, source, sink, names[1], store=store, listener=listener))
    return moved


def _copied(
    one: Referrer, source: Blobs, sink: Images, beside: Reference | None, *, store: Store, listener: Listener
) -> Moved:
    name = beside.with_tag(one.tag) if beside and one.tag else None
    bare = replace(one.descriptor, annotations={}, extra={})
    done = transfer(bare, source, sink, name, store=store, listener=listener)
    if done.descriptor.digest != one.descriptor.digest:
        raise IntegrityError(f"cannot copy `{one.descriptor.digest}`: it arrived as `{done.descriptor.digest}`")
    return done


def _with(moved: Moved, more: Moved) -> Moved:
    return replace(
        moved,
        blobs=moved.blobs + more.blobs,
        size=moved.size + more.size,
        present=moved.present + more.present,
        mounted=moved.mounted + more.mounted,
    )
