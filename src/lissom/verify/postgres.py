"""A small client of PostgreSQL: one connection, one simple query, rows as text."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
from typing import BinaryIO

from lissom.verify.answer import Answer, Body
from lissom.verify.deadline import cut_off
from lissom.verify.login import Login
from lissom.verify.scram import Scram

__all__ = ["ask_postgres"]

_LONGEST = 16 << 20
_VERSION = 3 << 16
_SCRAM = b"SCRAM-SHA-256"
_OK, _CLEAR, _MD5, _SASL, _SASL_MORE, _SASL_END = 0, 3, 5, 10, 11, 12
_NONSENSE = "the answer is not in PostgreSQL's protocol"


def ask_postgres(opened: socket.socket, login: Login, sql: str, *, timeout: float) -> Answer:
    """The rows of the last statement that gives any, ``a b; c d``; with status 1 the server's error instead.

    Raises OSError for what is not PostgreSQL's protocol, is too much or takes too long. Closes the socket.
    """
    with opened, cut_off(opened, timeout):
        opened.settimeout(timeout)
        with opened.makefile("rb") as stream:
            try:
                return _Session(opened, stream, login).run(sql)
            except (struct.error, ValueError) as error:
                raise OSError(_NONSENSE) from error


class _Session:
    def __init__(self, opened: socket.socket, stream: BinaryIO, login: Login) -> None:
        self._opened = opened
        self._stream = stream
        self._login = login
        self._left = _LONGEST
        self._scram = Scram(login.password)

    def run(self, sql: str) -> Answer:
        """What the server answers to ``sql``, or to the login when it refuses that."""
        login = self._login
        settings = f"user\0{login.user}\0database\0{login.database}\0client_encoding\0UTF8\0\0"
        self._send(b"", struct.pack("!i", _VERSION) + settings.encode())
        answer = self._until_idle(asked=False)
        if not answer.status:
            self._send(b"Q", sql.encode() + b"\0")
            answer = self._until_idle(asked=True)
            with contextlib.suppress(OSError):
                self._send(b"X", b"")
        return answer

    def _until_idle(self, *, asked: bool) -> Answer:
        """What came until the server waits for a query, or hangs up after an error."""
        rows: list[bytes] = []
        failure: str | None = None
        while True:
            kind, data = self._receive()
            match kind:
                case b"R":
                    self._authenticate(data)
                case b"E":
                    failure, fatal = _error(data)
                    if fatal or not asked:
                        break
                case b"T" | b"H":
                    rows = []
                case b"D":
                    rows.append(_row(data))
                case b"d":
                    rows.append(data.removesuffix(b"\n"))  # a line of `copy … to stdout`
                case b"G":
                    self._send(b"f", b"there is nothing to copy from\0")
                case b"Z":
                    break
        return Answer(0, body=Body(b"; ".join(rows))) if failure is None else Answer(1, body=Body(failure.encode()))

    def _send(self, kind: bytes, data: bytes) -> None:
        self._opened.sendall(kind + struct.pack("!i", len(data) + 4) + data)

    def _receive(self) -> tuple[bytes, bytes]:
        kind, size = struct.unpack("!ci", self._read(5))
        if size < 4:
            raise OSError(_NONSENSE)
        return kind, self._read(size - 4)

    def _read(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise OSError("the answer is too long, or not in PostgreSQL's protocol")
        data = self._stream.read(size)
        if len(data) < size:
            raise OSError("the connection was closed before the answer was whole")
        return data

    def _authenticate(self, data: bytes) -> None:
        (method,) = struct.unpack_from("!i", data)
        user, password = self._login.user.encode(), self._login.password.encode()
        if method == _CLEAR:
            self._send(b"p", password + b"\0")
        elif method == _MD5:
            inner = hashlib.md5(password + user, usedforsecurity=False).hexdigest().encode()
            self._send(b"p", b"md5%s\0" % hashlib.md5(inner + data[4:8], usedforsecurity=False).hexdigest().encode())
        elif method == _SASL and _SCRAM in data[4:].split(b"\0"):
            first = b"n,," + self._scram.first
            self._send(b"p", _SCRAM + b"\0" + struct.pack("!i", len(first)) + first)
        elif method == _SASL_MORE:
            self._send(b"p", self._scram.proof(data[4:]))
        elif method not in (_OK, _SASL_END):
            raise OSError(f"the server wants a login of kind {method}, which is not supported")


def _error(data: bytes) -> tuple[str, bool]:
    """The server's message, and whether it hangs up after it."""
    parts = {part[:1]: part[1:].decode(errors="replace") for part in data.split(b"\0")}
    return parts.get(b"M", "?"), parts.get(b"V", parts.get(b"S")) in ("FATAL", "PANIC")


def _row(data: bytes) -> bytes:
    (count,) = struct.unpack_from("!h", data)
    at, fields = 2, []
    for _ in range(count):
        (size,) = struct.unpack_from("!i", data, at)
        at += 4
        if size > len(data) - at:
            raise OSError(_NONSENSE)
        fields.append(data[at : at + size] if size >= 0 else b"(null)")
        at += max(size, 0)
    return b" ".join(fields)
