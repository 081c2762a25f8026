"""Images on the move: pull, push, copy.

Blobs go first, manifests after their blobs, the name last. Nothing is unpacked or compressed again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from lissom.api.moving import move_all
from lissom.api.receiving import Arrival
from lissom.errors import IntegrityError
from lissom.events import Decision, Listener, silent
from lissom.image.image import Blobs, Images, read_blob
from lissom.image.select import select
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, Descriptor, ImageConfig, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.writing import Sent

__all__ = ["Moved", "choose", "transfer", "way_to"]

_DEPTH = 8
_NOT_FOR_PUSH = "nondistributable"
_FOREIGN = "foreign"

Known = Callable[[Digest], Descriptor | None]


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


@dataclass(frozen=True, slots=True)
class _Document:
    """A manifest or index and the blobs that it needs; children stand before the index that lists them."""

    raw: bytes
    media_type: str
    config: Descriptor | None
    layers: tuple[Descriptor, ...]


def choose(descriptor: Descriptor, blobs: Blobs, platform: Platform | None) -> Descriptor:
    """The manifest for ``platform`` (None: this machine's) behind ``descriptor``, through nested indexes.

    Raises StoreError when there is no such platform.
    """
    return way_to(descriptor, blobs, platform)[-1]


def way_to(descriptor: Descriptor, blobs: Blobs, platform: Platform | None) -> tuple[Descriptor, ...]:
    """As ``choose``, with the indexes on the way: the first is ``descriptor`` itself, the last the manifest."""
    way = [descriptor]
    while way[-1].media_type in INDEX_TYPES:
        if len(way) > _DEPTH:
            raise IntegrityError(f"cannot use image `{descriptor.digest}`: its indexes are nested too deep")
        way.append(select(Index.parse(read_blob(blobs, way[-1])), platform))
    return tuple(way)


def transfer(
    descriptor: Descriptor,
    source: Blobs,
    sink: Images,
    reference: Reference | None,
    *,
    known: Known | None = None,
    arrival: Arrival | None = None,
    listener: Listener = silent,
) -> Moved:
    """Copy an image, or an index with all that it lists, and name it ``reference`` in ``sink``.

    Blobs that ``sink`` has do not move; several move at once, ``arrival`` reads layers along. Manifests keep their
    bytes, unless ``known`` finds a layer's content (by diff ID) in ``sink`` in another compression: then the layer
    there is used, and the manifest says so. Raises RegistryError, IntegrityError, StoreError; the name is set only
    when everything is there.
    """
    documents = _documents(descriptor, source)
    if isinstance(sink, Registry) and isinstance(source, Registry) and source.shares_host(sink):
        for blob in _blobs(documents):
            sink.known_in(blob.digest, source.repository)
    configs = _unique(d.config for d in documents if d.config)
    first = move_all(configs, source, sink, listener=listener)
    if known:
        documents = [_with_known(document, source, sink, known, listener) for document in documents]
    layers = _unique(layer for d in documents for layer in d.layers if not _stays(layer, sink))
    second = move_all([layer for layer in layers if layer not in configs], source, sink, arrival, listener)
    for document in documents[:-1]:
        sink.put_manifest(document.raw, document.media_type, None)
    last = documents[-1]
    named = sink.put_manifest(last.raw, last.media_type, reference)
    return _account(named, [*first, *second], reference)


def _account(named: Descriptor, blobs: list[tuple[Descriptor, Sent]], reference: Reference | None) -> Moved:
    moved = [blob for blob, how in blobs if how is Sent.MOVED]
    ways = Counter(how for _, how in blobs)
    size = sum(blob.size for blob in moved)
    return Moved(named, len(moved), size, ways[Sent.PRESENT], ways[Sent.MOUNTED], reference=reference)


def _documents(descriptor: Descriptor, source: Blobs, depth: int = 0) -> list[_Document]:
    if depth > _DEPTH:
        raise IntegrityError(f"cannot copy image `{descriptor.digest}`: its indexes are nested too deep")
    raw = read_blob(source, descriptor)
    if descriptor.media_type not in INDEX_TYPES:
        manifest = Manifest.parse(raw)
        return [_Document(raw, manifest.media_type, manifest.config, manifest.layers)]
    index = Index.parse(raw)
    found = [document for child in index.manifests for document in _documents(child, source, depth + 1)]
    return [*found, _Document(raw, index.media_type, None, ())]


def _with_known(document: _Document, source: Blobs, sink: Images, known: Known, listener: Listener) -> _Document:
    """The document with layers that the sink lacks replaced by ones of equal content that it has."""
    if document.config is None or all(sink.has(layer.digest) for layer in document.layers):
        return document
    config = ImageConfig.parse(read_blob(sink if sink.has(document.config.digest) else source, document.config))
    if len(config.diff_ids) != len(document.layers):
        return document
    layers = []
    for layer, diff_id in zip(document.layers, config.diff_ids, strict=True):
        there = None if sink.has(layer.digest) else known(diff_id)
        if there:
            listener(Decision(layer.digest.short, f"not fetched: its content is here as {there.digest.short}"))
        layers.append(there or layer)
    if tuple(layers) == document.layers:
        return document
    parsed = Manifest.parse(document.raw)
    made = Manifest.make(config.descriptor, layers, parsed.annotations)
    return _Document(made.raw, made.media_type, config.descriptor, tuple(layers))


def _stays(layer: Descriptor, sink: Images) -> bool:
    """Whether a layer's licence forbids to send it on; its manifest says where to get it."""
    return isinstance(sink, Registry) and (_NOT_FOR_PUSH in layer.media_type or _FOREIGN in layer.media_type)


def _blobs(documents: list[_Document]) -> list[Descriptor]:
    return _unique(blob for d in documents for blob in ((d.config,) if d.config else ()) + d.layers)


def _unique(blobs: Iterable[Descriptor]) -> list[Descriptor]:
    found: dict[Digest, Descriptor] = {}
    for blob in blobs:
        found.setdefault(blob.digest, replace(blob, annotations={}, platform=None, extra={}))
    return list(found.values())
