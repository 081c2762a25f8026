"""A blob on its way to a registry: mounted when it is there already, else sent whole, else in chunks."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import BinaryIO, cast
from urllib.parse import urlencode, urlsplit

from lissom.errors import IntegrityError, RegistryError
from lissom.events import BlobMoved, Listener
from lissom.oci.document import Descriptor
from lissom.registry.network import shown
from lissom.registry.session import Host
from lissom.registry.transport import Response, discard, failure

__all__ = ["Upload"]

_CHUNK = 16 << 20
_EVENT_SECONDS = 0.1
# A registry or a proxy before it that refuses one big PUT says so with one of these.
_TOO_MUCH_AT_ONCE = frozenset({404, 405, 411, 413, 414, 501})


class Upload:
    """Puts blobs into one repository. Threads may share it."""

    def __init__(self, host: Host, repository: str, listener: Listener) -> None:
        self._host = host
        self._repository = repository
        self._listener = listener

    def put(self, descriptor: Descriptor, open_blob: Callable[[], BinaryIO], *, tries: int) -> None:
        """Send one blob; ``open_blob`` is called for each try. Raises RegistryError, or what reading raises."""
        source = self._host.holder(descriptor.digest, other_than=self._repository)
        whole = True
        attempt = 1
        while True:
            location = self._begin(descriptor, source)
            if location is None:
                return
            try:
                with open_blob() as stream:
                    response = self._send(location, descriptor, stream, whole=whole)
                if response.status == 201:
                    discard(response)
                    self._host.note(descriptor.digest, self._repository)
                    return
                if whole and response.status in _TOO_MUCH_AT_ONCE:
                    discard(response)
                    whole = False
                    continue
                raise failure(response, "PUT", location)
            except RegistryError as error:
                if not error.temporary or attempt >= tries:
                    raise
            self._host.transport.network.sleep(self._host.transport.network.back_off(attempt))
            attempt += 1

    def _begin(self, descriptor: Descriptor, source: str | None) -> str | None:
        """Where to send the blob, or None when the registry mounted it from ``source``."""
        path = f"/v2/{self._repository}/blobs/uploads/"
        if source:
            query = urlencode({"mount": descriptor.digest, "from": source})
            scopes = self._scopes() | {f"repository:{source}:pull"}
            response = self._host.request("POST", f"{path}?{query}", scopes=scopes)
            if response.status == 201:
                discard(response)
                self._tell(descriptor, descriptor.size)
                self._host.note(descriptor.digest, self._repository)
                return None
            if response.status == 202:
                return self._location(response, path)
            discard(response)  # a refused mount is no refusal of the blob: send it
        response = self._host.request("POST", path, scopes=self._scopes())
        if response.status != 202:
            raise failure(response, "POST", self._host.base() + path, hint=_hint(response, self._host.host))
        return self._location(response, path)

    def _send(self, location: str, descriptor: Descriptor, stream: BinaryIO, *, whole: bool) -> Response:
        if not whole:
            location = self._chunks(location, descriptor, stream)
            return self._finish(location, descriptor, b"")
        reader = cast(BinaryIO, _Counted(stream, descriptor, self._tell))
        return self._finish(location, descriptor, reader)

    def _finish(self, location: str, descriptor: Descriptor, body: bytes | BinaryIO) -> Response:
        url = location + ("&" if urlsplit(location).query else "?") + urlencode({"digest": descriptor.digest})
        size = len(body) if isinstance(body, bytes) else descriptor.size
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        if size == 0 and not isinstance(body, bytes):
            body = body.read()  # nothing, or the error that it is not nothing
        return self._host.request("PUT", url, scopes=self._scopes(), headers=headers, body=body, again=False)

    def _chunks(self, location: str, descriptor: Descriptor, stream: BinaryIO) -> str:
        start = 0
        while piece := _read_fully(stream, _CHUNK):
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Range": f"{start}-{start + len(piece) - 1}",
                "Content-Length": str(len(piece)),
            }
            response = self._host.request(
                "PATCH", location, scopes=self._scopes(), headers=headers, body=piece, again=False
            )
            if response.status not in (201, 202, 204):
                raise failure(response, "PATCH", location)
            start += len(piece)
            location = self._location(response, location)
            self._tell(descriptor, start)
        return location

    def _location(self, response: Response, asked: str) -> str:
        target = response.headers.get("Location")
        here = asked if "://" in asked else self._host.base() + asked
        discard(response)
        if not target:
            raise RegistryError(f"cannot POST `{shown(here)}`: the registry does not say where to upload")
        return self._host.transport.next_hop("POST", here, target)

    def _scopes(self) -> frozenset[str]:
        return frozenset({f"repository:{self._repository}:pull,push"})

    def _tell(self, descriptor: Descriptor, done: int) -> None:
        self._listener(BlobMoved("push", descriptor.digest.short, done, descriptor.size))


class _Counted(io.RawIOBase):
    """A stream that tells how much of it was read, now and then."""

    def __init__(self, stream: BinaryIO, descriptor: Descriptor, tell: Callable[[Descriptor, int], None]) -> None:
        super().__init__()
        self._stream = stream
        self._descriptor = descriptor
        self._tell = tell
        self._done = 0
        self._told = 0.0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        # The HTTP client asks for small pieces; big ones cost a tenth of the calls.
        piece = self._stream.read(max(size, 1 << 18) if size > 0 else size)
        self._done += len(piece)
        if self._done > self._descriptor.size or (not piece and self._done < self._descriptor.size):
            # Said now: the registry would wait for the rest, or take what is too much for another request.
            found = "more" if piece else str(self._done)
            raise IntegrityError(
                f"cannot push `{self._descriptor.digest}`: {found} bytes instead of {self._descriptor.size}"
            )
        now = time.monotonic()
        if piece and (now - self._told >= _EVENT_SECONDS or self._done == self._descriptor.size):
            self._told = now
            self._tell(self._descriptor, self._done)
        return piece


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (piece := stream.read(size - len(data))):
        data += piece
    return bytes(data)


def _hint(response: Response, host: str) -> str | None:
    return f"log in with `lissom login {host}`" if response.status in (401, 403) else None
