"""Images on the move: pull, push, copy.

Blobs go first, manifests after their blobs, the name last. Nothing is unpacked or compressed again.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lissom.api.documents import DEPTH, Document, blobs_of, read_documents, unique
from lissom.api.known import Known, with_known
from lissom.api.moving import move_all, plan
from lissom.api.receiving import Arrival
from lissom.errors import IntegrityError, StoreError
from lissom.events import Listener, silent
from lissom.image.image import Blobs, Images, read_blob
from lissom.image.select import select
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, Descriptor, Index
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.sending.writing import Sent
from lissom.store.store import Store

if TYPE_CHECKING:
    from lissom.api.converting import Form
    from lissom.api.repacking import Packed

__all__ = ["Moved", "choose", "transfer", "way_to"]

_NOT_FOR_PUSH = "nondistributable"
_FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Moved:
    """What a transfer did: the image that is now there, under which name, and what became of its blobs.

    ``blobs`` moved, ``size`` bytes in sum; ``present`` were there before, ``mounted`` were taken over from another
    repository of the same registry. ``seconds`` is how long all of it took.
    """

    descriptor: Descriptor
    blobs: int = 0
    size: int = 0
    present: int = 0
    mounted: int = 0
    seconds: float = 0.0
    reference: Reference | None = None


def choose(descriptor: Descriptor, blobs: Blobs, platform: Platform | None) -> Descriptor:
    """The manifest for ``platform`` (None: this machine's) behind ``descriptor``, through nested indexes.

    Raises StoreError when there is no such platform.
    """
    return way_to(descriptor, blobs, platform)[-1]


def way_to(descriptor: Descriptor, blobs: Blobs, platform: Platform | None) -> tuple[Descriptor, ...]:
    """As ``choose``, with the indexes on the way: the first is ``descriptor`` itself, the last the manifest."""
    if descriptor.media_type not in INDEX_TYPES:
        return (descriptor,)
    found, there = _search(descriptor, blobs, platform, set())
    if found:
        return found
    wanted = platform or Platform.host()
    raise StoreError(
        f"cannot use image `{descriptor.digest}` for {wanted}: it has no such platform",
        hint=f"its platforms: {', '.join(sorted(there)) or 'none'}",
    )


def _search(
    descriptor: Descriptor, blobs: Blobs, platform: Platform | None, seen: set[Digest], depth: int = 0
) -> tuple[tuple[Descriptor, ...], set[str]]:
    """The way through an index, empty when there is none, and then the platforms that were seen.

    An index that is listed again is not read again: a few small ones could keep one busy for ever.
    """
    if depth > DEPTH:
        raise IntegrityError(f"cannot use image `{descriptor.digest}`: its indexes are nested too deep")
    seen.add(descriptor.digest)
    index = Index.parse(read_blob(blobs, descriptor))
    there = {str(child.platform) for child in index.manifests if child.platform and child.platform.os != "unknown"}
    with suppress(StoreError):
        chosen = select(index, platform)
        if chosen.media_type not in INDEX_TYPES:
            return (descriptor, chosen), there
    for inner in index.manifests:
        if inner.media_type in INDEX_TYPES and inner.digest not in seen:
            found, more = _search(inner, blobs, platform, seen, depth + 1)
            there |= more
            if found:
                return (descriptor, *found), there
    return (), there


def transfer(
    descriptor: Descriptor,
    source: Blobs,
    sink: Images,
    reference: Reference | None,
    *,
    known: Known | None = None,
    form: Form | None = None,
    store: Store | None = None,
    arrival: Arrival | None = None,
    jobs: int | None = None,
    listener: Listener = silent,
) -> Moved:
    """Copy an image, or an index with all that it lists, and name it ``reference`` in ``sink``.

    Blobs that ``sink`` has do not move; ``jobs`` move at once, ``arrival`` reads layers along. Manifests keep their
    bytes, unless ``known`` finds a layer's content (by diff ID) in ``sink`` in another compression, or ``form`` asks
    for another one: then the layer there is used, and the manifest says so. ``store`` lends room for what cannot go
    through memory; ``form`` needs it. Raises RegistryError, IntegrityError, StoreError, UsageError; the name is set
    only when everything is there.
    """
    documents = read_documents(descriptor, source)
    if isinstance(sink, Registry) and isinstance(source, Registry) and source.shares_host(sink):
        for blob in blobs_of(documents):
            sink.known_in(blob.digest, source.repository)
    scratch = store.temporary if store else None
    configs = unique(d.config for d in documents if d.config)
    layers = unique(layer for d in documents for layer in d.layers if not _stays(layer, sink))
    packed: dict[Digest, Packed] = {}
    if form and store:
        packed = _packed(documents, source, sink, form=form, store=store, listener=listener)
    blobs = move_all(configs, source, sink, listener=listener, scratch=scratch)
    if known:
        documents = [with_known(document, source, sink, known, listener) for document in documents]
        layers = unique(layer for d in documents for layer in d.layers if not _stays(layer, sink))
    rest = [layer for layer in layers if layer not in configs and layer.digest not in packed]
    plan(rest, source, sink, listener)
    blobs += move_all(rest, source, sink, arrival, listener, scratch=scratch, jobs=jobs)
    if form:
        from lissom.api.converting import converted

        documents = converted(documents, {old: new for old, (new, _) in packed.items()}, form, listener)
    for document in documents[:-1]:
        sink.put_manifest(document.raw, document.media_type, None)
    last = documents[-1]
    named = sink.put_manifest(last.raw, last.media_type, reference)
    return _account(named, [*blobs, *packed.values()], reference)


def _packed(
    documents: list[Document], source: Blobs, sink: Images, *, form: Form, store: Store, listener: Listener
) -> dict[Digest, Packed]:
    """The layers that had to be compressed anew, and are in ``sink`` now, by the digests that they had."""
    from lissom.api.converting import tasks
    from lissom.api.repacking import Repacking

    repacking = Repacking(store, listener)
    found = tasks(documents, source, form)
    new = [t for t in found if (before := repacking.remembered(t)) is None or before.digest != t.layer.digest]
    return repacking.put_all(new, source, sink)


def _account(named: Descriptor, blobs: list[tuple[Descriptor, Sent]], reference: Reference | None) -> Moved:
    moved = [blob for blob, how in blobs if how is Sent.MOVED]
    ways = Counter(how for _, how in blobs)
    size = sum(blob.size for blob in moved)
    return Moved(named, len(moved), size, ways[Sent.PRESENT], ways[Sent.MOUNTED], reference=reference)


def _stays(layer: Descriptor, sink: Images) -> bool:
    """Whether a layer's licence forbids to send it on; its manifest says where to get it."""
    return isinstance(sink, Registry) and (_NOT_FOR_PUSH in layer.media_type or _FOREIGN in layer.media_type)
