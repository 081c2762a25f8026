"""One answer as a stretch of a blob: is it the one that was asked for, and does it keep coming?"""

from __future__ import annotations

import re
import time

from urllib3.exceptions import HTTPError

from lissom.errors import IntegrityError, RegistryError
from lissom.oci.document import Descriptor
from lissom.registry.reading.answer import Answer
from lissom.registry.wire.causes import cause_of
from lissom.registry.wire.network import shown

__all__ = ["Body", "BrokenOff"]

# Below this many bytes in a stall deadline a transfer counts as stalled: a trickle must not hold a pull for hours.
_TRICKLE = 1 << 10
_PACE_SECONDS = 3.0
# Fewer bytes than this say little of how fast a place is.
_TELLING = 1 << 20
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class BrokenOff(Exception):  # noqa: N818 - never seen by a user
    """The bytes do not keep coming; the text says why."""


class Body:
    """Bytes ``start`` to ``end`` (not included) of a blob, out of an answer to a request for them.

    Raises RegistryError at once for another range, IntegrityError for a blob of another size. A server that does not
    do ranges gives all from the beginning: what comes before ``start`` is skipped.
    """

    def __init__(self, answer: Answer, wanted: Descriptor, start: int, end: int) -> None:
        self.answer = answer
        self.at = start
        self.end = end
        self.partial = answer.response.status == 206
        self._wanted = wanted
        self._skip = 0 if self.partial else start
        self._network = answer.network
        self._start = start
        self._waited = 0.0
        self._pace = _Mark(_PACE_SECONDS, start)
        self._stall = _Mark(answer.network.stall_deadline, start)
        self._look_at = min(self._pace.due, self._stall.due)
        self._rate: float | None = None
        try:
            self._check_head()
        except (RegistryError, IntegrityError):
            answer.response.close()
            raise

    def read(self, size: int) -> bytes:
        """Some bytes; none at ``end``. Raises BrokenOff, and IntegrityError for more than the blob should have."""
        try:
            self._skip_forward()
            piece = b"" if self._skip else self._read(size)
        except (HTTPError, OSError) as error:
            self.answer.response.close()
            if self.at < self.end:
                raise BrokenOff(cause_of(error, self._network)) from error
            return b""  # everything came, only the end of the answer did not: the digest decides
        if not piece and self.at < self.end:
            self.answer.response.close()
            raise BrokenOff("the connection was cut")
        return piece

    def rate(self) -> float:
        """Bytes a second while we waited for them; 0 when too few came to tell."""
        came = self.at - self._start
        return came / max(self._waited, 1e-6) if came >= _TELLING else 0.0

    def pace(self) -> float | None:
        """Bytes a second of the last seconds that we waited; None but once in a while."""
        rate, self._rate = self._rate, None
        return rate

    def leave(self) -> None:
        """Be done with the answer; its connection serves another request when all was read."""
        if self.at < self.end or (not self.partial and self.end < self._wanted.size):
            self.answer.response.close()
        self.answer.response.release_conn()

    def wrong(self, cause: str) -> IntegrityError:
        """The error for bytes that are not the blob's."""
        kind = self.answer.response.headers.get("Content-Type", "")
        hint = "the registry sent an HTML page instead of the blob" if "html" in kind else None
        url = shown(self.answer.url)
        return IntegrityError(f"cannot pull `{self._wanted.digest}` from `{url}`: {cause}", hint=hint)

    def _check_head(self) -> None:
        headers, size = self.answer.response.headers, self._wanted.size
        stated = headers.get("Content-Length", "")
        length = int(stated) if stated.isascii() and stated.isdigit() else None
        if self.answer.response.status != 206:
            if length is not None and length != size:
                raise self.wrong(f"it has {length} bytes, not {size}")
            return
        match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
        if not match or (int(match[1]), int(match[2])) != (self.at, self.end - 1) or match[3] not in ("*", str(size)):
            raise self._unasked("the registry answered another range than asked for")
        if length is not None and length != self.end - self.at:
            raise self._unasked(f"the answer has {length} bytes, not the {self.end - self.at} asked for")

    def _unasked(self, cause: str) -> RegistryError:
        return RegistryError(f"cannot GET `{shown(self.answer.url)}`: {cause}")

    def _skip_forward(self) -> None:
        while self._skip:
            skipped = self.answer.response.read(min(self._skip, 1 << 20), decode_content=False)
            if not skipped:
                return
            self._skip -= len(skipped)

    def _read(self, size: int) -> bytes:
        left = self.end - self.at
        if left == 0 and (self.partial or self.end < self._wanted.size):
            return b""
        started = time.monotonic()
        # At the end, one byte more shows a blob that is longer than it says.
        piece = self.answer.response.read1(min(size, left) or 1, decode_content=False)
        waited = time.monotonic() - started
        self.at += len(piece)
        if self.at > self.end:
            self.answer.response.close()
            raise self.wrong(f"it is longer than {self._wanted.size} bytes")
        self._waited += waited
        if self._waited >= self._look_at:
            self._look_back(left)
        return piece

    def _look_back(self, left: int) -> None:
        if self._waited >= self._pace.due:
            came, seconds = self._pace.renew(self._waited, self.at)
            self._rate = came / seconds
        if self._waited >= self._stall.due:
            came, _ = self._stall.renew(self._waited, self.at)
            if came < min(left, _TRICKLE):
                raise TimeoutError
        self._look_at = min(self._pace.due, self._stall.due)


class _Mark:
    """Where we were some seconds of waiting ago; ``due`` says when to look back at it."""

    def __init__(self, seconds: float, at: int) -> None:
        self.due = seconds
        self._seconds = seconds
        self._at = at

    def renew(self, waited: float, at: int) -> tuple[int, float]:
        """Set the mark here; gives how many bytes came since it was set last, and in how many seconds of waiting."""
        came, seconds = at - self._at, waited - self.due + self._seconds
        self._at, self.due = at, waited + self._seconds
        return came, seconds
