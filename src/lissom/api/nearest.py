"""Blobs of an image elsewhere, read in the store where the store has them: those need not travel."""

from __future__ import annotations

import io
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import BinaryIO

from lissom.image.image import Blobs
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.store.store import Store

__all__ = ["Nearest"]

_SMALL = 1 << 20


@dataclass(frozen=True, slots=True)
class Nearest:
    """The blobs of ``store``, and behind them those of ``far``; implements Blobs. A blob is the same everywhere.

    Configs that were read once stay in ``documents``, whatever place they came from.
    """

    store: Store
    far: Blobs
    documents: MutableMapping[Digest, bytes] = field(default_factory=dict)

    def has(self, digest: Digest) -> bool:
        return self.store.has(digest) or self.far.has(digest)

    def open(self, descriptor: Descriptor) -> BinaryIO:
        known = self.documents.get(descriptor.digest)
        if known is not None and len(known) == descriptor.size:
            return io.BytesIO(known)
        if self.store.has(descriptor.digest):
            return self.store.open(descriptor)
        stream = self.far.open(descriptor)
        if descriptor.size > _SMALL or "config" not in descriptor.media_type:
            return stream
        with stream:
            self.documents[descriptor.digest] = stream.read()
        return io.BytesIO(self.documents[descriptor.digest])
