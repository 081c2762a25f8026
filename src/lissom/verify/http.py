"""HTTP over sockets that somebody else connects: one request, one answer, within a time and a size."""

from __future__ import annotations

import contextlib
import http.client
import re
import secrets
import socket
import ssl
import string
import time
from collections.abc import Callable
from urllib.parse import quote, urlencode, urljoin, urlsplit

from lissom.errors import VerifyError
from lissom.verify.answer import Answer, Body
from lissom.verify.deadline import cut_off
from lissom.verify.probe import Http

__all__ = ["Connect", "NoAnswerError", "Server"]

Connect = Callable[[int, float], socket.socket]

_CHUNK = 1 << 16
_LARGEST = 1 << 30
_REDIRECTS = (301, 302, 303, 307, 308)
_TOKEN = re.compile(rb"""name=["']?(csrf\w{0,40})["']?[^>]{0,200}?value=["']([^"']+)["']""", re.IGNORECASE)


class NoAnswerError(VerifyError):
    """No whole answer came."""


class _Connection(http.client.HTTPConnection):
    """A connection over a socket that is there already."""

    def __init__(self, opened: socket.socket) -> None:
        super().__init__("localhost", timeout=None)
        self.sock = opened

    def connect(self) -> None:
        """It is connected; a second request on it would be a mistake."""
        raise http.client.NotConnected


class Server:
    """What listens on one port of a container, and the cookies it has set."""

    def __init__(self, connect: Connect, port: int, *, timeout: float = 30) -> None:
        self._connect = connect
        self._timeout = timeout
        self.port = port
        self.tls: bool | None = None
        self.cookies: dict[str, str] = {}

    def greet(self, path: str = "/", *, timeout: float) -> Answer | None:
        """What a GET of ``path`` gives, None when no HTTP comes back."""
        try:
            return self._either("GET", path, {"Host": "localhost"}, None, timeout=timeout)
        except NoAnswerError:
            return None

    def ask(self, wanted: Http) -> Answer:
        """The answer to a request, after all its parts: token, repetitions, redirect. Raises NoAnswerError."""
        answer = self._asked(wanted)
        for _ in range(wanted.repeat - 1):
            answer = self._asked(wanted)
        return answer

    def get(self, path: str) -> Answer:
        """A plain GET."""
        return self._send("GET", path, {"Host": "localhost"}, None, jar=None)

    def _asked(self, wanted: Http) -> Answer:
        jar = self.cookies if wanted.cookies or wanted.csrf else None
        headers = {"Host": "localhost", **dict(wanted.headers)}
        fields = list(wanted.form)
        if wanted.csrf:
            fields.append(_token(self._send("GET", wanted.csrf, headers, None, jar=jar), wanted.csrf))
        kind, body = _content(wanted, fields)
        given = {name.lower() for name in headers}
        sent = headers if body is None or not kind or "content-type" in given else {**headers, "Content-Type": kind}
        answer = self._send(wanted.method, wanted.path, sent, body, jar=jar)
        if wanted.follow and answer.status in _REDIRECTS:
            target = urlsplit(urljoin(f"http://localhost{wanted.path}", answer.header("location")))
            path = (target.path or "/") + (f"?{target.query}" if target.query else "")
            answer = self._send("GET", path, headers, None, jar=jar)
        return answer

    def _send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, *, jar: dict[str, str] | None
    ) -> Answer:
        if jar:
            headers = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        answer = self._either(method, path, headers, body, timeout=self._timeout)
        if jar is not None:
            for name, value in answer.headers:
                if name == "set-cookie":
                    key, _, content = value.partition(";")[0].partition("=")
                    jar[key.strip()] = content.strip()
        return answer

    def _either(self, method: str, path: str, headers: dict[str, str], body: bytes | None, *, timeout: float) -> Answer:
        """Ask without TLS, and with it when that gets no HTTP; what worked is remembered."""
        if self.tls is not None:
            return self._once(method, path, headers, body, tls=self.tls, timeout=timeout)
        plain: Answer | None = None
        failed: NoAnswerError | None = None
        try:
            plain = self._once(method, path, headers, body, tls=False, timeout=timeout)
        except NoAnswerError as error:
            failed = error
        if plain is None or (plain.status == 400 and b"HTTPS" in plain.body.data.upper()):
            with contextlib.suppress(NoAnswerError):
                answer = self._once(method, path, headers, body, tls=True, timeout=timeout)
                self.tls = True
                return answer
        if plain is None:
            assert failed is not None
            raise failed
        self.tls = False
        return plain

    def _once(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, *, tls: bool, timeout: float
    ) -> Answer:
        try:
            begin = time.monotonic()
            with self._connect(self.port, timeout) as opened, cut_off(opened, timeout):
                opened.settimeout(timeout)
                with _unverified().wrap_socket(opened, server_hostname="localhost") if tls else opened as connected:
                    connection = _Connection(connected)
                    connection.request(method, quote(path, safe=string.punctuation), body, headers)
                    return _read(connection.getresponse())
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = time.monotonic() - begin >= timeout
            cause = f"no whole answer within {timeout:g} s" if late else _cause(error)
            raise NoAnswerError(f"cannot ask `{method} :{self.port}{path}`: {cause}") from error


def _read(response: http.client.HTTPResponse) -> Answer:
    body = Body()
    with response:
        while data := response.read1(_CHUNK):
            body.feed(data)
            if body.size > _LARGEST:
                raise OSError("the body is larger than 1 GiB")
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
    headers = tuple((name.lower(), value) for name, value in response.getheaders())
    return Answer(response.status, headers, body)


def _content(wanted: Http, fields: list[tuple[str, str]]) -> tuple[str, bytes | None]:
    """Content type and body of a request."""
    if wanted.files:
        mark = f"lissom{secrets.token_hex(8)}"
        parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields]
        parts += [
            f'Content-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n{content}"
            for name, file, content in wanted.files
        ]
        text = "".join(f"--{mark}\r\n{part}\r\n" for part in parts)
        return f"multipart/form-data; boundary={mark}", f"{text}--{mark}--\r\n".encode()
    if fields:
        return "application/x-www-form-urlencoded", urlencode(fields).encode()
    return "", wanted.body


def _token(page: Answer, path: str) -> tuple[str, str]:
    found = _TOKEN.search(page.body.data)
    if found is None:
        raise NoAnswerError(f"cannot take a token from `{path}`: its page has no csrf field")
    return found[1].decode(errors="replace"), found[2].decode(errors="replace")


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _cause(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
