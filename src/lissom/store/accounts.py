"""What a craft tells of an image that it made, as JSON beside the store's images, under the image's digest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import zstandard

from lissom.errors import IntegrityError
from lissom.oci.digest import Digest
from lissom.store.files import storing, write_whole
from lissom.store.store import Store

__all__ = ["FOLDERS", "find", "packed", "put", "unpacked"]

FOLDERS = ("slims", "distroless", "builds", "scans")
"""Directories of the store, one a craft, that hold accounts: of images, and scans of layers by their blobs."""

_LARGEST = 512 << 20


def packed(document: Mapping[str, Any]) -> bytes:
    """A JSON object, compressed."""
    return zstandard.compress(json.dumps(document, separators=(",", ":")).encode(), 9)


def unpacked(data: bytes, what: str) -> Any:
    """Read what ``packed`` gives; ``what`` is for errors. Raises IntegrityError."""
    try:
        if zstandard.get_frame_parameters(data).content_size > _LARGEST:
            raise IntegrityError(f"cannot read {what}: it is too large")
        return json.loads(zstandard.decompress(data, _LARGEST))
    except (zstandard.ZstdError, ValueError, RecursionError) as error:
        raise IntegrityError(f"cannot read {what}: {error}") from error


def put(store: Store, folder: str, digest: Digest, data: bytes, what: str) -> None:
    """Keep ``data`` for the image with manifest ``digest``. Raises StoreError."""
    directory = store.private / folder
    with storing(store.root, what):
        directory.mkdir(exist_ok=True)
        write_whole(directory / _name(digest), data, store.temporary)


def find(store: Store, folder: str, digest: Digest) -> bytes | None:
    """What was kept for the image; None when there is nothing."""
    try:
        return (store.private / folder / _name(digest)).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _name(digest: Digest) -> str:
    return f"{digest.hex}.json.zst"
