"""Files of an archive by URI: http, https, file. Verified while they arrive, resumed where they broke off."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from urllib3.exceptions import HTTPError, ReadTimeoutError

from lissom.distroless.archive.connections import Connections
from lissom.distroless.archive.kept import Kept
from lissom.distroless.archive.partial import partial_of
from lissom.distroless.archive.settings import AptSettings
from lissom.distroless.archive.uri import local_path, shown
from lissom.errors import IntegrityError, RegistryError, StoreError
from lissom.events import Decision, Listener, silent

__all__ = ["Fetcher", "hash_of", "is_whole"]

_CHUNK = 1 << 18
_SMALL = 32 << 20
_TRIES = 4


class Fetcher:
    """Reads from archives. Safe for several threads."""

    def __init__(self, settings: AptSettings, listener: Listener = silent, kept: Kept | None = None) -> None:
        self.settings = settings
        self.listener = listener
        self.kept = kept
        self.connections = Connections(settings)

    def close(self) -> None:
        """End all connections."""
        self.connections.close()

    def find(self, uri: str) -> bytes | None:
        """A small file, None when the archive has none of this name. Raises RegistryError, IntegrityError."""
        if path := local_path(uri):
            try:
                return path.read_bytes() if path.is_file() else None
            except OSError as error:
                raise RegistryError(f"cannot fetch `{uri}`: {error.strerror}") from error
        failure: RegistryError | None = None
        for _ in range(_TRIES):
            try:
                return self._whole(uri)
            except HTTPError as error:
                failure = self.connections.failed(uri, error)
                if isinstance(error, ReadTimeoutError):
                    break
        assert failure is not None
        raise failure

    def _whole(self, uri: str) -> bytes | None:
        old = self.kept.get(uri) if self.kept else None
        response = self.connections.request(uri, {"If-Modified-Since": old[0]} if old else {})
        try:
            if response.status == 304 and old:
                return old[1]
            if response.status in (404, 410):
                return None
            if response.status != 200:
                raise self.connections.failed(uri, f"status {response.status}")
            found = bytearray()
            for piece in response.stream(_CHUNK):
                found += piece
                if len(found) > _SMALL:
                    raise IntegrityError(f"cannot use `{shown(uri)}`: it is longer than {_SMALL} bytes")
            if self.kept and (date := response.headers.get("Last-Modified")):
                with suppress(OSError):  # it is fetched again, that is all
                    self.kept.put(uri, date, bytes(found))
            return bytes(found)
        finally:
            response.close()

    def download(self, uris: Sequence[str], target: Path, *, sha256: str, size: int) -> bool:
        """Put a file at ``target`` that has this hash and size, from the first place that gives it; False if none has.

        What came before an interruption is kept beside it and completed. What is there already is verified, and
        fetched again when it is damaged. Of several runs that want the same file one fetches it.
        Raises RegistryError, IntegrityError, StoreError.
        """
        if is_whole(target, sha256, size):
            with suppress(OSError):  # what was not used for long is collected first
                os.utime(target)
            return True
        try:
            with partial_of(target) as partial:
                # Another run may have been at it meanwhile.
                return is_whole(target, sha256, size) or self._from_any(uris, partial, target, sha256, size)
        except OSError as error:
            raise StoreError(f"cannot write `{target}`: {error.strerror}") from error

    def _from_any(self, uris: Sequence[str], partial: Path, target: Path, sha256: str, size: int) -> bool:
        failure: RegistryError | IntegrityError | None = None
        for uri in self.connections.ordered(uris):
            try:
                if self._fetch(uri, partial, target, sha256=sha256, size=size):
                    return True
            except (RegistryError, IntegrityError) as error:
                failure = failure or error
                self.listener(Decision(shown(uri), f"not used: {error.message}"))
        if failure:
            raise failure
        return False

    def _fetch(self, uri: str, partial: Path, target: Path, *, sha256: str, size: int) -> bool:
        resumed = partial.exists()
        if not self._complete(uri, partial, size):
            return False
        found, got = hash_of(partial), partial.stat().st_size
        if found != sha256 or got != size:
            partial.unlink()
            if resumed:  # its beginning was of something else
                return self._fetch(uri, partial, target, sha256=sha256, size=size)
            raise IntegrityError(
                f"cannot use `{shown(uri)}`: wanted sha256 {sha256} and {size} bytes,"
                f" got {found} and {f'more than {size}' if got > size else got}"
            )
        os.replace(partial, target)
        return True

    def _complete(self, uri: str, partial: Path, size: int) -> bool:
        if path := local_path(uri):
            if not path.is_file():
                return False
            with path.open("rb") as file:
                partial.write_bytes(file.read(size + 1))
            return True
        failure: RegistryError | None = None
        for _ in range(_TRIES):
            have = partial.stat().st_size if partial.exists() else 0
            if have == size and have:
                return True
            if have > size:
                partial.unlink()
                have = 0
            try:
                return self._append(uri, partial, have, size)
            except HTTPError as error:
                failure = self.connections.failed(uri, error)
                if isinstance(error, ReadTimeoutError):
                    break
        assert failure is not None
        raise failure

    def _append(self, uri: str, partial: Path, have: int, size: int) -> bool:
        """One request for what is missing; not much more than ``size`` bytes are read. False: there is no such file."""
        response = self.connections.request(uri, {"Range": f"bytes={have}-"} if have else {})
        try:
            if response.status in (404, 410):
                return False
            if response.status not in (200, 206):
                raise self.connections.failed(uri, f"status {response.status}")
            with partial.open("ab" if response.status == 206 else "wb") as out:
                for piece in response.stream(_CHUNK):
                    out.write(piece)
                    if out.tell() > size:
                        break
        finally:
            response.close()
        return True


def hash_of(path: Path) -> str:
    """The sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(path: Path, sha256: str, size: int) -> bool:
    """Whether the file is there and has this hash and size."""
    return path.is_file() and path.stat().st_size == size and hash_of(path) == sha256
