"""A blob on its way from a registry: a stream that goes on after a cut, and that is verified at its end."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Mapping
from typing import Protocol

from urllib3.exceptions import HTTPError

from lissom.errors import IntegrityError, RegistryError
from lissom.events import BlobMoved, Listener
from lissom.oci.document import Descriptor
from lissom.registry.network import Network, shown
from lissom.registry.transport import Response, cause_of

__all__ = ["BlobReader", "Fetch"]

_PROGRESS = 1 << 20
_EVENT_SECONDS = 0.1
# Below this many bytes in a stall deadline a transfer counts as stalled: a trickle must not hold a pull for hours.
_TRICKLE = 1 << 10
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Fetch(Protocol):
    """Ask for the blob again, with more headers; gives the answer (200 or 206) and the URL for messages."""

    def __call__(self, headers: Mapping[str, str]) -> tuple[Response, str]: ...


class BlobReader(io.RawIOBase):
    """Reads one blob. A cut or a stall is answered with a Range request from where it broke off.

    Raises IntegrityError at the end of file, or before, when size or digest are wrong, RegistryError when the
    registry gives up for good. Nothing read is good until the end of file came.
    """

    def __init__(self, descriptor: Descriptor, fetch: Fetch, network: Network, listener: Listener) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._fetch = fetch
        self._network = network
        self._listener = listener
        self._hasher = descriptor.digest.hasher()
        self._done = 0
        self._skip = 0
        self._attempt = 1
        self._progress_mark = 0
        self._told = 0.0
        self._window = (time.monotonic(), 0)
        self._finished = False
        self._response, self._url = self._ask()

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
        if not self.closed and not self._finished and hasattr(self, "_response"):
            self._response.close()
        super().close()

    def _next(self, size: int) -> bytes:
        if self._finished or size == 0:
            return b""
        while True:
            try:
                piece = self._piece(size)
            except (HTTPError, OSError) as error:
                if self._done < self._descriptor.size:
                    self._resume(cause_of(error, self._network))
                    continue
                self._response.close()
                piece = b""  # everything came, only the end of the answer did not: the digest decides
            if not piece and self._done < self._descriptor.size:
                self._resume("the connection was cut")
                continue
            self._take(piece)
            return piece

    def _piece(self, size: int) -> bytes:
        while self._skip:
            skipped = self._response.read(min(self._skip, 1 << 20), decode_content=False)
            if not skipped:
                return b""
            self._skip -= len(skipped)
        left = self._descriptor.size - self._done
        # One byte more than is left shows a blob that is longer than it says.
        piece = self._response.read1(min(size, left + 1), decode_content=False)
        now, came = time.monotonic(), self._done + len(piece)
        if now - self._window[0] > self._network.stall_deadline:
            if came - self._window[1] < min(left, _TRICKLE):
                raise TimeoutError
            self._window = (now, came)
        return piece

    def _take(self, piece: bytes) -> None:
        self._done += len(piece)
        wanted = self._descriptor
        if self._done > wanted.size:
            self._response.close()
            raise self._wrong(f"it is longer than {wanted.size} bytes")
        self._hasher.update(piece)
        if piece:
            self._tell()
            return
        found = f"{wanted.digest.algorithm}:{self._hasher.hexdigest()}"
        self._finished = True
        self._response.release_conn()
        if found != wanted.digest:
            raise self._wrong(f"its digest is {found}")

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told >= _EVENT_SECONDS or self._done == self._descriptor.size:
            self._told = now
            self._listener(BlobMoved("pull", self._descriptor.digest.short, self._done, self._descriptor.size))

    def _wrong(self, cause: str) -> IntegrityError:
        kind = self._response.headers.get("Content-Type", "")
        hint = "the registry sent an HTML page instead of the blob" if "html" in kind else None
        return IntegrityError(f"cannot pull `{self._descriptor.digest}` from `{shown(self._url)}`: {cause}", hint=hint)

    def _resume(self, cause: str) -> None:
        self._response.close()
        if self._done - self._progress_mark >= _PROGRESS:
            self._attempt, self._progress_mark = 1, self._done
        if self._attempt >= self._network.attempts:
            raise RegistryError(
                f"cannot GET `{shown(self._url)}`: {cause} after {self._done} of {self._descriptor.size} bytes, "
                f"{self._attempt} times without progress",
                temporary=True,
            )
        self._network.sleep(self._network.back_off(self._attempt))
        self._attempt += 1
        self._response, self._url = self._ask()
        self._window = (time.monotonic(), self._done)

    def _ask(self) -> tuple[Response, str]:
        size, done = self._descriptor.size, self._done
        response, url = self._fetch({"Range": f"bytes={done}-"} if done else {})
        length = response.headers.get("Content-Length", "")
        if response.status == 206:
            match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if not match or int(match[1]) != done or match[3] not in ("*", str(size)):
                response.close()
                raise RegistryError(f"cannot GET `{shown(url)}`: the registry answered another range than asked for")
            self._skip = 0
            return response, url
        self._skip = done
        if length.isdigit() and int(length) != size:
            self._response, self._url = response, url
            response.close()
            raise self._wrong(f"it has {length} bytes, not {size}")
        return response, url
