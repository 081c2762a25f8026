"""A blob on its way from a registry: bytes that nobody has verified, from whoever goes on giving them."""

from __future__ import annotations

import io
import time

from lissom.errors import IntegrityError, RegistryError
from lissom.events import BlobMoved, Served
from lissom.oci.document import Descriptor
from lissom.registry.body import Body, BrokenOff
from lissom.registry.endpoint import Endpoint
from lissom.registry.network import shown
from lissom.registry.sources import Answer, Sources

__all__ = ["Fetching"]

_PROGRESS = 1 << 20
_EVENT_SECONDS = 0.1


class Fetching(io.RawIOBase):
    """Bytes ``start`` to the end of one blob, exactly that many. What breaks off goes on by a Range request, at the
    next place that has the blob.

    Raises RegistryError when all give up for good, IntegrityError for a blob of another size. The bytes are as they
    came: the digest is the reader's business, who says ``distrust`` when it is wrong.
    """

    def __init__(self, descriptor: Descriptor, sources: Sources, *, start: int = 0) -> None:
        super().__init__()
        self._wanted = descriptor
        self._sources = sources
        self._network = sources.session.network
        self._done = start
        self._served: dict[Endpoint, int] = {}
        self._avoid: set[Endpoint] = set()
        self._since = time.monotonic()
        self._told = 0.0
        self._attempt = 1
        self._progress_mark = start
        self._body: Body | None = None
        self._last: Body | None = None
        if start < descriptor.size or descriptor.size == 0:
            self._body = self._last = self._ask()

    def distrust(self) -> bool:
        """Say that the bytes were wrong: who gave them is put back. True when somebody else is left to ask."""
        self._avoid |= set(self._served)
        left = [self._sources.distrust(endpoint, self._avoid) for endpoint in self._served]
        return any(left)

    def wrong(self, cause: str) -> IntegrityError:
        """The error for bytes that are not the blob's, naming where the last of them came from."""
        if self._last:
            return self._last.wrong(cause)
        return IntegrityError(f"cannot pull `{self._wanted.digest}`: {cause}")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stubs' Buffer has no length
        piece = self._next(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self._next(1 << 20), b""))
        return self._next(size)

    def close(self) -> None:
        if not self.closed and getattr(self, "_body", None):
            self._end()
        super().close()

    def _next(self, size: int) -> bytes:
        while self._body and size:
            try:
                piece = self._body.read(size)
            except BrokenOff as broken:
                self._resume(self._body.answer, str(broken))
                continue
            if piece:
                self._done += len(piece)
                endpoint = self._body.answer.endpoint
                self._served[endpoint] = self._served.get(endpoint, 0) + len(piece)
                self._tell()
            else:
                self._end()
            return piece
        return b""

    def _end(self) -> None:
        body, self._body = self._body, None
        if body:
            body.leave()
        seconds, name = time.monotonic() - self._since, self._wanted.digest.short
        for endpoint, size in self._served.items():
            self._sources.listener(Served(endpoint.host, name, size, seconds, endpoint.mirror))

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told >= _EVENT_SECONDS or self._done == self._wanted.size:
            self._told = now
            self._sources.listener(BlobMoved("pull", self._wanted.digest.short, self._done, self._wanted.size))

    def _resume(self, answer: Answer, cause: str) -> None:
        if self._done - self._progress_mark >= _PROGRESS:
            self._attempt, self._progress_mark = 1, self._done
        if self._attempt >= self._network.attempts:
            raise RegistryError(
                f"cannot GET `{shown(answer.url)}`: {cause} after {self._done} of {self._wanted.size} bytes, "
                f"{self._attempt} times without progress",
                temporary=True,
            )
        self._sources.session.health.failed(answer.endpoint.host)
        if self._sources.order(avoid=self._avoid)[0] == answer.endpoint:
            self._network.sleep(self._network.back_off(self._attempt))
        self._attempt += 1
        self._body = self._last = self._ask()

    def _ask(self) -> Body:
        """The rest of the blob, from the first place whose answer is a rest of it."""
        path, start, end = f"/blobs/{self._wanted.digest}", self._done, self._wanted.size
        while True:
            answer = self._sources.ask("GET", path, {"Range": f"bytes={start}-"} if start else {}, avoid=self._avoid)
            if answer.response.status == 416 and start:  # it may have the blob, and no way to give a part of it
                answer = self._sources.ask("GET", path, avoid=self._avoid)
            if answer.response.status not in (200, 206):
                raise answer.failure("GET")
            try:
                return Body(answer, self._wanted, start, end)
            except (IntegrityError, RegistryError):
                self._avoid.add(answer.endpoint)
                if not self._sources.distrust(answer.endpoint, self._avoid):
                    raise
