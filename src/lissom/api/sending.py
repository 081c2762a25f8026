"""One blob to a registry, from whatever place it is in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from threading import Event
from typing import BinaryIO, cast

from lissom.api.stoppable import Stoppable
from lissom.errors import IntegrityError, StoreError
from lissom.image.image import Blobs
from lissom.oci.document import Descriptor
from lissom.registry.client import Registry
from lissom.registry.reading.download import Fetching
from lissom.registry.sending.outgoing import OpenAt, skipped
from lissom.registry.sending.writing import Sent
from lissom.store.store import Store

__all__ = ["send"]

_CHUNK = 1 << 20


def send(blob: Descriptor, source: Blobs, sink: Registry, stop: Event, scratch: Path | None = None) -> Sent:
    """See to it that ``sink`` has a blob of ``source``; read only if it must be sent, verified while it is.

    Between two registries bytes go through memory as they come. When that does not work at the first try, the blob is
    fetched into a file in ``scratch`` (None: where the system has such files) before it is sent, so that neither of two
    bad lines has to wait for the other. Bytes that turn out wrong are asked for elsewhere.
    """
    if not isinstance(source, Registry):
        return _sent(blob, _at_rest(blob, source), sink, stop)
    while True:
        relayed = _Relayed(blob, source, stop, scratch)
        try:
            return _sent(blob, relayed.open_at, sink, stop)
        except IntegrityError as error:
            if not relayed.distrust():
                raise relayed.blamed(error) from error
        finally:
            relayed.close()


def _sent(blob: Descriptor, opened: OpenAt, sink: Registry, stop: Event) -> Sent:
    return sink.upload(blob, lambda start: cast("BinaryIO", Stoppable(opened(start), stop)), stopped=stop.is_set)


def _at_rest(blob: Descriptor, source: Blobs) -> OpenAt:
    """A blob that can be read again at will. A file of the store is read as it is: the upload hashes it anyway."""

    def opened(start: int) -> BinaryIO:
        if not isinstance(source, Store):
            return skipped(source.open(blob), start)
        try:
            file = source.path(blob.digest).open("rb", buffering=0)
        except OSError as error:
            raise StoreError(f"cannot push `{blob.digest}`: it is not in store `{source.root}`") from error
        file.seek(start)
        return cast("BinaryIO", file)

    return opened


class _Relayed:
    """A blob of another registry: streamed once, and from a file after that."""

    def __init__(self, blob: Descriptor, source: Registry, stop: Event, scratch: Path | None) -> None:
        self._blob = blob
        self._source = source
        self._stop = stop
        self._scratch = scratch
        self._fetching: Fetching | None = None
        self._spool: BinaryIO | None = None

    def open_at(self, start: int) -> BinaryIO:
        """The blob's bytes from ``start``."""
        if self._fetching is None:
            self._fetching = self._source.fetch(self._blob)
            return skipped(cast("BinaryIO", self._fetching), start)
        if self._spool is None:
            self._spool = self._fetched()
        self._spool.seek(start)
        return cast("BinaryIO", _Kept(self._spool))

    def distrust(self) -> bool:
        """Whether the bytes came from one place of several, which is asked no more."""
        return self._fetching is not None and self._fetching.distrust()

    def blamed(self, error: IntegrityError) -> IntegrityError:
        """The error for bytes that were wrong when they came: who gave them is to blame, not where they were to go."""
        if self._fetching is None or self._spool is not None:
            return error
        return self._fetching.wrong(error.message.partition("`: ")[2])

    def close(self) -> None:
        """Drop the file, if there is one."""
        if self._spool is not None:
            self._spool.close()

    def _fetched(self) -> BinaryIO:
        spool = cast("BinaryIO", tempfile.TemporaryFile(dir=self._scratch))  # noqa: SIM115 (close is ours)
        try:
            with self._source.open(self._blob) as stream:
                shutil.copyfileobj(Stoppable(stream, self._stop), spool, _CHUNK)
        except BaseException:
            spool.close()
            raise
        return spool


class _Kept:
    """A file that is read from several times: closing it is its owner's."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        return self._file.read(size)

    def close(self) -> None:
        """Leave it open."""
