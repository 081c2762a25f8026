"""Two small clients over TCP: Redis' protocol, and plain bytes."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from typing import BinaryIO

from lissom.verify.answer import Body
from lissom.verify.deadline import cut_off

__all__ = ["ask_raw", "ask_redis"]

_LONGEST = 16 << 20
_LONGEST_HEAD = 64 << 10
_DEEPEST = 8
_MOST = 100_000
_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*(?:\r\n|$)")


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
    """What comes back for ``data``, up to the end of the connection, of an answer in HTTP, or of the time.

    An answer in HTTP ends with its head and the Content-Length that this tells, so that what is seen of it does not
    depend on how the network cuts it into pieces. Raises OSError. Closes the socket.
    """
    deadline = time.monotonic() + timeout
    body, end = Body(), _LONGEST
    with opened:
        opened.settimeout(timeout)
        opened.sendall(data)
        if half_close:
            opened.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while body.size < end and (left := deadline - time.monotonic()) > 0:
                opened.settimeout(left)
                part = opened.recv(65536)
                if not part:
                    break
                if end == _LONGEST and body.size < _LONGEST_HEAD:
                    end = min(end, _end_of(body.data + part))
                body.feed(part[: end - body.size])
    return body


def _end_of(data: bytes) -> int:
    """How long the answer in HTTP that ``data`` begins with is; no end is in sight while its head is not whole."""
    head, blank, _ = data.partition(b"\r\n\r\n")
    if not blank:
        return _LONGEST
    length = _LENGTH.search(head)
    return len(head) + len(blank) + (int(length[1]) if length else 0)
