"""Images by the first digits of an ID."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lissom.errors import LissomError
from lissom.image.image import Blobs, read_blob
from lissom.oci.document import INDEX_TYPES, Index
from lissom.store.catalog import Catalog
from lissom.store.names import Named

__all__ = ["beginning", "inside"]


def beginning(digits: str, entries: Iterable[Named], catalog: Catalog, blobs: Blobs) -> list[Named]:
    """The images whose own digest begins so, or that of their config, or of an image of their index that is here."""
    images = {entry.digest: entry for entry in entries}
    manifests = {digest: list(inside(entry, blobs)) for digest, entry in images.items()}
    facts = catalog.facts((manifest for found in manifests.values() for manifest in found), blobs)
    wanted = f":{digits}"

    def begins(digest: str) -> bool:
        names = [digest]
        for manifest in manifests[digest]:
            names.append(manifest.digest)
            if manifest.digest in facts:
                names.append(facts[manifest.digest].config)
        return any(wanted in name for name in names)

    return [entry for digest, entry in images.items() if begins(digest)]


def inside(entry: Named, blobs: Blobs) -> Iterator[Named]:
    """The manifests of an entry: itself, or those of its index that are here; none of one that cannot be read."""
    if entry.document.get("mediaType") not in INDEX_TYPES:
        yield entry
        return
    try:
        children = Index.parse(read_blob(blobs, entry.descriptor)).manifests
    except LissomError:
        return
    for child in children:
        if blobs.has(child.digest):
            yield from inside(Named.make(None, child), blobs)
