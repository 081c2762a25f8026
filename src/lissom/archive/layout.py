"""An OCI layout directory as a place for images, as the image specification's layout page describes it."""

from __future__ import annotations

import json
import os
import secrets
import threading
from pathlib import Path
from typing import BinaryIO, cast

from lissom.archive.names import Held, find, held, named
from lissom.archive.referrers import listed, referrers
from lissom.errors import IntegrityError, StoreError
from lissom.image.image import put_bytes
from lissom.image.verified import verified
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, Index
from lissom.oci.reference import Reference

__all__ = ["Layout"]

_CHUNK = 1 << 20
LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'


class Layout:
    """A directory with ``oci-layout``, ``index.json`` and ``blobs``. For one writer; files appear whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    @classmethod
    def open_directory(cls, path: Path) -> Layout:
        """An existing layout. Raises StoreError."""
        try:
            document = json.loads((path / "oci-layout").read_bytes())
        except (OSError, ValueError) as error:
            raise StoreError(f"cannot read `{path}`: it is not an OCI layout ({error})") from error
        if not isinstance(document, dict) or document.get("imageLayoutVersion") != "1.0.0":
            raise StoreError(f"cannot read `{path}`: its layout version is not 1.0.0")
        return cls(path)

    @classmethod
    def create(cls, path: Path) -> Layout:
        """A layout to write into; an existing one keeps what it has. Raises StoreError."""
        try:
            if path.exists() and not (path / "oci-layout").exists() and os.listdir(path):
                raise StoreError(f"cannot write an OCI layout to `{path}`: the directory holds other files")
            (path / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
            layout = cls(path)
            if not (path / "oci-layout").exists():
                layout._write(path / "oci-layout", LAYOUT)
            if not (path / "index.json").exists():
                layout._write(path / "index.json", Index.make([]).raw)
        except OSError as error:
            raise StoreError(f"cannot write an OCI layout to `{path}`: {error.strerror}") from error
        return layout

    def has(self, digest: Digest) -> bool:
        return self._blob(digest).exists()

    def open(self, descriptor: Descriptor) -> BinaryIO:
        try:
            stream = self._blob(descriptor.digest).open("rb", buffering=0)
        except OSError as error:
            raise IntegrityError(f"cannot read `{descriptor.digest}` from `{self.path}`: {error.strerror}") from error
        return verified(cast("BinaryIO", stream), descriptor, f"`{self.path}`")

    def put(self, descriptor: Descriptor, stream: BinaryIO) -> None:
        target = self._blob(descriptor.digest)
        if target.exists() and target.stat().st_size == descriptor.size:
            return
        scratch = self.path / "blobs" / f".{secrets.token_hex(8)}"
        try:
            target.parent.mkdir(exist_ok=True)
            reader = verified(stream, descriptor, f"what was given for `{self.path}`", owned=False)
            with scratch.open("xb") as file:
                while chunk := reader.read(_CHUNK):
                    file.write(chunk)
            os.rename(scratch, target)
        except OSError as error:
            raise StoreError(f"cannot write `{descriptor.digest}` to `{self.path}`: {error.strerror}") from error
        finally:
            scratch.unlink(missing_ok=True)

    def images(self) -> list[Held]:
        """The images of the index. Raises IntegrityError."""
        try:
            return [held(d) for d in Index.parse((self.path / "index.json").read_bytes()).manifests]
        except OSError as error:
            raise IntegrityError(f"cannot read `{self.path}`: index.json: {error.strerror}") from error

    def find(self, name: str) -> Descriptor:
        """The image that ``name`` means: a tag, a reference, a digest; empty for the only one. Raises StoreError."""
        return find(self.images(), name, str(self.path)).descriptor

    def get_manifest(self, reference: Reference) -> Descriptor:
        return self.find(str(reference))

    def put_manifest(self, raw: bytes, media_type: str, reference: Reference | None) -> Descriptor:
        """Store a manifest; without ``reference`` the index lists it only if it refers to another, or by ``keep``."""
        descriptor = Descriptor(media_type, Digest.of(raw), len(raw))
        put_bytes(self, descriptor, raw)
        if reference is not None:
            self._name(descriptor, reference)
        elif (referrer := listed(raw, media_type)) is not None:
            self._name(referrer, None)
        return descriptor

    def referrers(self, digest: Digest, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """The manifests of the index whose subject has this digest, of one artifact type or of all."""
        return referrers(self.images(), self, digest, artifact_type)

    def keep(self, descriptor: Descriptor) -> None:
        """List an image without a name, in place of the one that had none before."""
        self._name(descriptor, None)

    def _name(self, descriptor: Descriptor, reference: Reference | None) -> None:
        with self._lock:
            index = Index.parse((self.path / "index.json").read_bytes())
            new = named(descriptor, reference)
            kept = [d for d in index.manifests if not _replaced(d, new)]
            self._write(self.path / "index.json", Index.make([*kept, new], index.annotations).raw)

    def _blob(self, digest: Digest) -> Path:
        return self.path / "blobs" / digest.algorithm / digest.hex

    def _write(self, path: Path, data: bytes) -> None:
        scratch = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        try:
            scratch.write_bytes(data)
            os.rename(scratch, path)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise StoreError(f"cannot write `{path}`: {error.strerror}") from error


def _replaced(old: Descriptor, new: Descriptor) -> bool:
    """A name stands for one image, and so does the lack of one: the last image that was written without is meant.

    What refers to an image stands beside others that do.
    """
    before, after = held(old), held(new)
    if (before.is_referrer and not before.names) or (after.is_referrer and not after.names):
        return not before.names and old.digest == new.digest
    if not before.names or not after.names:
        return before.names == after.names or before.descriptor.digest == after.descriptor.digest
    return bool(after.names) and (before.reference or before.names) == (after.reference or after.names)
