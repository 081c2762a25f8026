"""The cache that builders share: step results as layers of an image, in a directory or a registry.

A cache is an OCI image whose config lists records: key, layer, time. ``--cache-to`` writes it, ``--cache-from`` reads
it. Keys are by content, so that a result made on another machine is as good as our own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lissom.build.ops import Outcome
from lissom.build.solve import State
from lissom.errors import IntegrityError
from lissom.image.image import Blobs, BlobSink, Layer, put_bytes, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, Manifest, canonical
from lissom.rootfs.compress import Compression
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store

__all__ = ["RemoteCache", "export"]

CACHE = "application/vnd.lissom.cache.v1+json"


@dataclass(frozen=True)
class RemoteCache:
    """Records of another builder; layers are fetched when a step asks for them."""

    blobs: Blobs
    layers: Mapping[Digest, Descriptor]
    records: Mapping[str, Mapping[str, object]]

    @classmethod
    def open(cls, manifest: Manifest, blobs: Blobs) -> RemoteCache:
        """Read the records behind ``manifest``. Raises IntegrityError when it is not a cache of lissom's."""
        if manifest.config.media_type != CACHE:
            raise IntegrityError(
                f"cannot use `{manifest.digest}` as a cache: it is `{manifest.config.media_type}`",
                hint="lissom reads the caches that lissom build --cache-to wrote",
            )
        document = json.loads(read_blob(blobs, manifest.config))
        records = document.get("records")
        if not isinstance(records, dict):
            raise IntegrityError(f"cannot use `{manifest.digest}` as a cache: its records are missing")
        return cls(blobs, {d.digest: d for d in manifest.layers}, records)

    def find(self, key: str, store: Store, snapshots: Snapshots) -> Outcome | None:
        """The result of the step ``key``, fetched into ``store``, or None."""
        record = self.records.get(key)
        if not isinstance(record, dict):
            return None
        descriptor = self.layers.get(Digest(str(record.get("layer"))))
        if descriptor is None:
            return None
        if not store.has(descriptor.digest):
            with self.blobs.open(descriptor) as stream:
                store.put(descriptor, stream)
        delta = snapshots.adopt(Layer(descriptor, Digest(str(record.get("diff_id")))))
        return Outcome(delta, bool(record.get("empty")), str(record.get("created", "")))


def export(
    states: Sequence[State], *, snapshots: Snapshots, store: Store, sink: BlobSink, compression: Compression
) -> Manifest:
    """Put the results of all ``states`` (of the target only, or of every stage) into ``sink``; returns the manifest."""
    records: dict[str, dict[str, object]] = {}
    layers: dict[Digest, Descriptor] = {}
    for state in states:
        base = len(state.chain) - len(state.times)
        for line, delta in zip(sorted(state.times), state.chain[base:], strict=True):
            layer = snapshots.layer(delta, compression, None)
            layers[layer.descriptor.digest] = layer.descriptor
            records[state.keys[line]] = {
                "layer": str(layer.descriptor.digest),
                "diff_id": str(layer.diff_id),
                "created": state.times[line],
                "empty": line in state.empty,
            }
    config = canonical({"records": dict(sorted(records.items()))})
    manifest = Manifest.make(Descriptor(CACHE, Digest.of(config), len(config)), list(layers.values()))
    for descriptor in layers.values():
        if not sink.has(descriptor.digest):
            with store.open(descriptor) as stream:
                sink.put(descriptor, stream)
    put_bytes(sink, manifest.config, config)
    return manifest
