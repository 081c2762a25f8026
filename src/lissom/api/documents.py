"""The manifests and indexes that an image is made of, and the blobs that each of them needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lissom.errors import IntegrityError
from lissom.image.image import Blobs, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, Descriptor, Index, Manifest

__all__ = ["DEPTH", "Document", "blobs_of", "read_documents", "unique"]

DEPTH = 8


@dataclass(frozen=True, slots=True)
class Document:
    """A manifest or index and the blobs that it needs; an index needs documents only."""

    raw: bytes
    media_type: str
    config: Descriptor | None
    layers: tuple[Descriptor, ...]

    @classmethod
    def of(cls, document: Manifest | Index) -> Document:
        """A parsed one."""
        if isinstance(document, Index):
            return cls(document.raw, document.media_type, None, ())
        return cls(document.raw, document.media_type, document.config, document.layers)

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor(self.media_type, Digest.of(self.raw), len(self.raw))


def read_documents(descriptor: Descriptor, source: Blobs) -> list[Document]:
    """A manifest, or an index with all that it lists: each once, children before the index that lists them.

    Raises IntegrityError, also for indexes nested too deep, and what reading raises.
    """
    found: dict[Digest, Document] = {}
    _read(descriptor, source, found, 0)
    return list(found.values())


def _read(descriptor: Descriptor, source: Blobs, found: dict[Digest, Document], depth: int) -> None:
    if depth > DEPTH:
        raise IntegrityError(f"cannot copy image `{descriptor.digest}`: its indexes are nested too deep")
    if descriptor.digest in found:
        return
    raw = read_blob(source, descriptor)
    if descriptor.media_type not in INDEX_TYPES:
        found[descriptor.digest] = Document.of(Manifest.parse(raw))
        return
    index = Index.parse(raw)
    for child in index.manifests:
        _read(child, source, found, depth + 1)
    found[descriptor.digest] = Document.of(index)


def blobs_of(documents: list[Document]) -> list[Descriptor]:
    """Configs and layers, each once."""
    return unique(blob for d in documents for blob in ((d.config,) if d.config else ()) + d.layers)


def unique(blobs: Iterable[Descriptor]) -> list[Descriptor]:
    """Each blob once, without what one document says of it."""
    found: dict[Digest, Descriptor] = {}
    for blob in blobs:
        found.setdefault(blob.digest, replace(blob, annotations={}, platform=None, extra={}))
    return list(found.values())
