"""Two small clients over TCP: Redis' protocol, and plain bytes."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import BinaryIO

from lissom.verify.answer import Body
from lissom.verify.deadline import cut_off

__all__ = ["ask_raw", "ask_redis"]

_LONGEST = 16 << 20
_DEEPEST = 8
_MOST = 100_000


def ask_redis(opened: socket.socket, words: tuple[str, ...], *, timeout: float) -> str:
    """The reply to a command as text; items of an array stand side by side. Raises OSError. Closes the socket."""
    with opened, cut_off(opened, timeout):
        opened.settimeout(timeout)
        parts = [word.encode() for word in words]
        opened.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        with opened.makefile("rb") as stream:
            return _Replies(stream).read()


class _Replies:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = _MOST

    def read(self, depth: int = 0) -> str:
        """One reply. Raises OSError for what is not Redis' protocol, or is too much."""
        self._left -= 1
        line = self._stream.readline(1 << 16)
        if not line.endswith(b"\n"):
            raise OSError("the connection was closed before the reply was whole")
        kind, value = line[:1], line[1:].strip()
        if kind in b"+-:":
            return value.decode(errors="replace")
        if kind not in (b"$", b"*") or depth > _DEEPEST or self._left < 0:
            raise OSError("the reply is not in Redis' protocol")
        try:
            count = int(value)
        except ValueError:
            raise OSError("the reply is not in Redis' protocol") from None
        if kind == b"*":
            return " ".join(self.read(depth + 1) for _ in range(min(count, _MOST)))
        if count > _LONGEST:
            raise OSError("the reply is too long")
        return "(nil)" if count < 0 else self._stream.read(count + 2)[:-2].decode(errors="replace")


def ask_raw(opened: socket.socket, data: bytes, *, half_close: bool, timeout: float) -> Body:
    """What comes back for ``data``, up to the end of the connection, a blank line of HTTP, or the time.

    Raises OSError. Closes the socket.
    """
    deadline = time.monotonic() + timeout
    body = Body()
    with opened:
        opened.settimeout(timeout)
        opened.sendall(data)
        if half_close:
            opened.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while body.size < _LONGEST and (left := deadline - time.monotonic()) > 0:
                opened.settimeout(left)
                part = opened.recv(65536)
                if not part:
                    break
                body.feed(part)
                if b"\r\n\r\n" in body.data:
                    break
    return body
