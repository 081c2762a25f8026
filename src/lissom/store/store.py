"""The store: an OCI image layout on disk, with references, locks and room for lissom's own things.

``ROOT`` is a layout as the image specification's layout page says, so any OCI tool reads it as it lies there. What else
lissom keeps is below ``ROOT/lissom``. Blobs are written to a temporary file, hashed on the way, synced and renamed; the
index is replaced whole under a lock. While a Store is open it holds a shared lock; garbage collection needs it alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from lissom.errors import IntegrityError, StoreError, UsageError
from lissom.events import Listener, silent
from lissom.image.image import Image, put_bytes, read_blob
from lissom.image.select import select
from lissom.image.verified import verified
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, MANIFEST_TYPES, Descriptor, Index, Manifest, media_type_of
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.oci.referrers import referrer_of
from lissom.store.catalog import Catalog
from lissom.store.digits import beginning
from lissom.store.files import fresh, storing, write_whole
from lissom.store.layout import check_place
from lissom.store.lock import acquire
from lissom.store.names import Named, Names
from lissom.store.partial import Ingest, Part
from lissom.store.referrers import Referrers
from lissom.store.writer import BlobWriter, install

__all__ = ["Store"]

_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_FOLDERS = ("tmp", "ingest", "snapshots", "cache", "mounts", "locks")
_CHUNK = 1 << 20
_OPEN_PATIENCE = 60.0
_DEPTH = 8


class Store:
    """Images on disk. Safe for several threads and processes; a context manager, or ``close`` it."""

    def __init__(self, root: Path, lock: int) -> None:
        self.root = root
        self.private = root / "lissom"
        self.temporary = self.private / "tmp"
        self.lock_path = self.private / "store.lock"
        self.lock = lock
        self._blobs = root / "blobs"
        self.ingest = Ingest(root, self._blobs, self.private / "ingest", self.temporary)
        locks = self.private / "locks"
        self.catalog = Catalog(self.private, locks, self.temporary)
        self.names = Names(root, locks / "index", self.temporary)
        self.attached = Referrers(self.private, self.temporary)

    @classmethod
    def at(cls, root: Path) -> Store:
        """Open the store at ``root``, made when missing.

        Raises StoreError when the directory belongs to another user, cannot be written or holds something else.
        """
        root = Path(os.path.abspath(root))
        check_place(root)
        with storing(root, "the layout"):
            for folder in (root, root / "blobs", root / "blobs" / "sha256"):
                folder.mkdir(parents=True, exist_ok=True)
            # Snapshots hold setuid files: nobody else may reach them.
            (root / "lissom").mkdir(mode=0o700, exist_ok=True)
            for name in _FOLDERS:
                (root / "lissom" / name).mkdir(exist_ok=True)
            path = root / "lissom" / "store.lock"
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            acquire(lock, path, shared=True, patience=_OPEN_PATIENCE, purpose="open")
            store = cls(root, lock)
            store._complete()
        except BaseException:
            os.close(lock)
            raise
        return store

    def _complete(self) -> None:
        with storing(self.root, "the layout"):
            if not (self.root / "oci-layout").exists():
                write_whole(self.root / "oci-layout", _LAYOUT, self.temporary)
            if not (self.root / "index.json").exists():
                self.names.create()

    def close(self) -> None:
        """Give the lock back; the store object is not used afterwards."""
        self.names.close()
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def path(self, digest: Digest) -> Path:
        """Where a blob is, or would be."""
        return self._blobs / digest.algorithm / digest.hex

    def has(self, digest: Digest) -> bool:
        """Whether the blob is there."""
        return self.path(digest).exists()

    def holds(self, digest: str) -> bool:
        """``has`` for text that came with an index: one look at the disk, and false for what is no digest."""
        algorithm, _, encoded = digest.partition(":")
        return "/" not in digest and os.path.exists(f"{self.root}/blobs/{algorithm}/{encoded}")

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """The blob, verified at its end. Raises StoreError when it is missing."""
        try:
            stream = self.path(descriptor.digest).open("rb", buffering=0)
        except OSError as error:
            why = "it is not in the store" if isinstance(error, FileNotFoundError) else error.strerror
            raise StoreError(f"cannot read blob `{descriptor.digest}` from `{self.root}`: {why}") from error
        return verified(cast("BinaryIO", stream), descriptor, f"store `{self.root}`")

    def put(self, descriptor: Descriptor, stream: BinaryIO) -> None:
        """Put a blob; nothing is read when it is there. Raises IntegrityError when the bytes are wrong."""
        if self.size_of(descriptor.digest) == descriptor.size:
            return
        path = fresh(self.temporary, "blob-")
        origin = f"what was given for store `{self.root}`"
        try:
            with storing(self.root, f"blob `{descriptor.digest}`"), path.open("xb") as file:
                reader = verified(stream, descriptor, origin, owned=False)
                while chunk := reader.read(_CHUNK):
                    file.write(chunk)
                file.flush()
                os.fdatasync(file.fileno())
                install(path, self._blobs, descriptor.digest)
        finally:
            path.unlink(missing_ok=True)

    def size_of(self, digest: Digest) -> int | None:
        """The size of a blob in bytes, None when it is not there."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def writer(self) -> BlobWriter:
        """Write a blob whose digest is not known yet."""
        return BlobWriter(self.root, self._blobs, self.temporary)

    def receiving(
        self, descriptor: Descriptor, *, listener: Listener = silent, stopped: Callable[[], bool] = lambda: False
    ) -> AbstractContextManager[Part]:
        """A blob to fetch, with what an earlier attempt left of it; nobody else fetches it meanwhile.

        Waits while another process has it, until ``stopped``. Raises StoreError.
        """
        return self.ingest.receiving(descriptor, listener, stopped)

    def get_manifest(self, reference: Reference) -> Descriptor:
        """The manifest or index that a name stands for; a digest beats a tag. Raises StoreError."""
        if reference.digest:
            if self.has(reference.digest):
                return self._described(reference.digest)
        elif entry := self.names.find(reference):
            return entry.descriptor
        raise StoreError(
            f"cannot find image `{reference.familiar}`: it is not in store `{self.root}`",
            hint=f"`lissom pull {reference.familiar}` fetches it, `lissom images` lists what is there",
        )

    def put_manifest(self, raw: bytes, media_type: str, reference: Reference | None) -> Descriptor:
        """Store a manifest or index whose blobs are there. Raises IntegrityError when one is missing."""
        descriptor = Descriptor(media_type, Digest.of(raw), len(raw))
        missing = [d.digest for d in _children(raw, media_type) if not self.has(d.digest)]
        if missing:
            raise IntegrityError(f"cannot store manifest `{descriptor.digest}`: its blob `{missing[0]}` is not there")
        put_bytes(self, descriptor, raw)
        found = referrer_of(raw, media_type)
        if found:
            with storing(self.root, "the list of referrers"):
                self.attached.add(found[0].digest, found[1])
        if reference is not None:
            self.name(reference, descriptor)
        return descriptor

    def referrers(self, digest: Digest, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """The manifests of the store whose subject has this digest, of one artifact type or of all."""
        found = self.attached.find(digest)
        return tuple(r for r in found if artifact_type in ("", r.artifact_type) and self.has(r.digest))

    def name(self, reference: Reference, descriptor: Descriptor) -> None:
        """Let ``reference`` stand for an image that is there."""
        with storing(self.root, "the index"):
            self.names.set(reference, descriptor)

    def keep(self, descriptor: Descriptor) -> None:
        """Keep an image that has no name until the next garbage collection."""
        with storing(self.root, "the index"):
            self.names.keep(descriptor)

    def references(self) -> list[tuple[Reference, Descriptor]]:
        """All names and what they stand for, sorted by name."""
        found = [(e.reference, e.descriptor) for e in self.names.read() if e.reference is not None]
        return sorted(found, key=lambda pair: str(pair[0]))

    def entries(self) -> tuple[Named, ...]:
        """All images of the index, those without a name too."""
        return self.names.read()

    def remove(self, reference: Reference) -> bool:
        """Drop a name; False when there is none. Blobs go with the next garbage collection."""
        with storing(self.root, "the index"):
            return self.names.remove(reference)

    def forget(self, digest: Digest) -> bool:
        """Drop an image with all its names, or what refers to one; False when it is not there."""
        with storing(self.root, "the index"):
            return self.attached.clear(keep=lambda known: known != digest) | self.names.forget(digest)

    def resolve(self, text: str) -> Descriptor:
        """The image that ``text`` names: a reference, a digest, or the first digits of a manifest's or config's digest.

        Raises StoreError when there is none, or when several begin with these digits.
        """
        reference = _reference(text)
        if reference is not None and (entry := self.names.find(reference)):
            return entry.descriptor
        digits = text.removeprefix("sha256:")
        if re.fullmatch(r"[0-9a-f]{4,64}", digits):
            found = beginning(digits, self.names.read(), self.catalog, self)
            if len(found) > 1:
                raise StoreError(f"cannot find image `{text}`: {len(found)} images begin with these digits")
            if found:
                return found[0].descriptor
            if len(digits) == 64 and self.has(Digest(f"sha256:{digits}")):
                return self._described(Digest(f"sha256:{digits}"))
        if reference is None:
            raise StoreError(f"cannot find image `{text}`: it is not in store `{self.root}`")
        return self.get_manifest(reference)

    def image(self, descriptor: Descriptor, platform: Platform | None = None) -> Image:
        """The image for ``platform`` (None: this machine's) behind a manifest or index. Raises StoreError."""
        return Image.open(self.manifest(descriptor, platform), self)

    def manifest(self, descriptor: Descriptor, platform: Platform | None = None) -> Descriptor:
        """The manifest for ``platform`` behind ``descriptor``, through indexes. Raises StoreError."""
        for _ in range(_DEPTH):
            if descriptor.media_type not in INDEX_TYPES:
                return descriptor
            index = Index.parse(read_blob(self, descriptor))
            descriptor = select(index, platform)
        raise StoreError(f"cannot use image `{descriptor.digest}`: its indexes are nested too deep")

    def _described(self, digest: Digest) -> Descriptor:
        raw = self.path(digest).read_bytes()
        if Digest.of(raw) != digest:
            raise IntegrityError(f"cannot read `{digest}` from store `{self.root}`: its bytes are damaged")
        return Descriptor(media_type_of(raw), digest, len(raw))


def _reference(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except UsageError:
        if re.fullmatch(r"(sha256:)?[0-9a-f]{4,64}", text):
            return None
        raise


def _children(raw: bytes, media_type: str) -> list[Descriptor]:
    """What must be there before a manifest; of an index at least one image, the others may be elsewhere."""
    if media_type in INDEX_TYPES:
        return []
    if media_type in MANIFEST_TYPES:
        manifest = Manifest.parse(raw)
        return [manifest.config, *manifest.layers]
    return []
