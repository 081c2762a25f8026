"""Where a registry takes one blob: an address that changes with every answer."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import BinaryIO
from urllib.parse import urlencode, urlsplit

from lissom.errors import RegistryError
from lissom.oci.digest import Digest
from lissom.registry.session import Host
from lissom.registry.wire.network import shown, wait_asked
from lissom.registry.wire.transport import Response, discard, failure

__all__ = ["RefusedError", "Slot"]

_RANGE = re.compile(r"(?:bytes=)?0-(\d+)")
_BYTES = "application/octet-stream"


class RefusedError(RegistryError):
    """A registry answered a step of an upload with another status; ``wait`` is the seconds that it asks for."""

    def __init__(self, error: RegistryError, status: int, wait: float | None) -> None:
        super().__init__(error.message, hint=error.hint, temporary=error.temporary)
        self.status = status
        self.wait = wait

    @classmethod
    def by(cls, response: Response, method: str, url: str, login: str) -> RefusedError:
        """What an answer says, with the hint ``login`` when it is one; the answer is read and done with."""
        hint = login if response.status in (401, 403) else None
        wait = wait_asked(response.headers.get("Retry-After"))
        return cls(failure(response, method, url, hint=hint), response.status, wait)


class Slot:
    """One upload that a registry began. Its steps raise RefusedError for an answer that is not theirs, RegistryError
    when no answer comes.
    """

    def __init__(self, host: Host, login: str, scopes: frozenset[str], response: Response, asked: str) -> None:
        self._host = host
        self._login = login
        self._scopes = scopes
        self._location = ""
        self.smallest_chunk = 0
        self._move(response, asked)

    def patch(self, body: BinaryIO, start: int, size: int) -> None:
        """Send ``size`` bytes that follow the ``start`` bytes that are there."""
        headers = {
            "Content-Type": _BYTES,
            "Content-Range": f"{start}-{start + size - 1}",
            "Content-Length": str(size),
        }
        response = self._ask("PATCH", self._location, headers, body)
        if response.status not in (201, 202, 204):
            raise RefusedError.by(response, "PATCH", self._location, self._login)
        self._move(response, self._location)

    def finish(self, digest: Digest, body: BinaryIO | None, size: int) -> None:
        """Send the last ``size`` bytes, and have the registry make all of it the blob ``digest``."""
        url = self._location + ("&" if urlsplit(self._location).query else "?") + urlencode({"digest": digest})
        headers = {"Content-Type": _BYTES, "Content-Length": str(size)}
        response = self._ask("PUT", url, headers, body if size else b"")
        if response.status not in (201, 204):
            raise RefusedError.by(response, "PUT", url, self._login)
        discard(response)

    def offset(self) -> int | None:
        """How many bytes the registry has, or None when it cannot go on with this upload."""
        response = self._host.request("GET", self._location, scopes=self._scopes)
        found = _RANGE.fullmatch(response.headers.get("Range", ""))
        # `0-0` is said of one byte and of none: begin anew rather than guess.
        if response.status not in (200, 202, 204) or not found or found[1] == "0":
            discard(response)
            return None
        if response.headers.get("Location"):
            self._move(response, self._location)
        else:
            discard(response)
        return int(found[1]) + 1

    def cancel(self) -> None:
        """Tell the registry that nothing more comes. Whether it hears is its own affair: it also cleans up by time."""
        with suppress(RegistryError):
            discard(self._host.request("DELETE", self._location, scopes=self._scopes, again=False, hurry=True))

    def _ask(self, method: str, url: str, headers: dict[str, str], body: BinaryIO | bytes | None) -> Response:
        return self._host.request(method, url, scopes=self._scopes, headers=headers, body=body, again=False)

    def _move(self, response: Response, asked: str) -> None:
        target = response.headers.get("Location")
        smallest = response.headers.get("OCI-Chunk-Min-Length", "")
        discard(response)
        if not target:
            raise RegistryError(f"cannot POST `{shown(asked)}`: the registry does not say where to upload")
        if smallest.isdecimal():
            self.smallest_chunk = int(smallest)
        self._location = self._host.transport.next_hop("POST", asked, target)
