"""A proxy between lissom and a real registry that breaks what it relays when told to, and that counts every byte.

Rules say which requests a fault befalls; ``faults`` holds the faults. What no rule fits is relayed as it is. Each
proxy is a host of its own, so that several of them before one registry are an origin and its mirrors.
"""

from __future__ import annotations

import http.client
import re
import secrets
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

PIECE = 1 << 14
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"})
_TLS_HELLO = 0x16


class HungUpError(Exception):
    """The connection to the client is over; nothing more is to be done for it."""


@dataclass
class Answer:
    """What the registry said. ``body`` can be read once; ``length`` is None where the registry sent chunks."""

    status: int
    headers: dict[str, str]
    body: Iterator[bytes]
    length: int | None

    def cut(self, start: int, end: int | None = None) -> Iterator[bytes]:
        """The body's bytes from ``start`` to ``end``."""
        at = 0
        for piece in self.body:
            yield piece[max(0, start - at) : None if end is None else max(0, end - at)]
            at += len(piece)
            if end is not None and at >= end:
                return


@dataclass
class Asked:
    """One request, for the tests: ``sent`` counts bytes of the answer's body, ``received`` those of the request's."""

    method: str
    target: str
    range: str | None
    authorization: str | None
    status: int = 0
    sent: int = 0
    received: int = 0

    @property
    def start(self) -> int:
        """The first byte that was asked for."""
        return int(self.range.partition("=")[2].partition("-")[0]) if self.range else 0


Fault = Callable[["Exchange"], None]


@dataclass
class Rule:
    """Befalls requests whose method and target fit: not the first ``skip``, then ``times`` (None: for ever), of these
    every ``every``-th."""

    method: str
    target: str
    fault: Fault
    skip: int = 0
    times: int | None = 1
    every: int = 1
    seen: int = 0
    used: int = 0

    def fits(self, exchange: Exchange) -> bool:
        if not re.fullmatch(self.method, exchange.method) or not re.search(self.target, exchange.target):
            return False
        self.seen += 1
        if self.seen <= self.skip or (self.seen - self.skip - 1) % self.every or self.used == self.times:
            return False
        self.used += 1
        return True


class Exchange:
    """One request from a client. A fault answers it, with or without asking the registry behind."""

    def __init__(self, proxy: FaultProxy, line: _Line, method: str, target: str, headers: dict[str, str]) -> None:
        self.proxy = proxy
        self.method = method
        self.target = target
        self.headers = headers
        self.log = Asked(method, target, headers.get("range"), headers.get("authorization"))
        self._line = line
        self._upstream: http.client.HTTPConnection | None = None
        self._left = int(headers.get("content-length") or 0)

    def body(self, limit: int | None = None) -> Iterator[bytes]:
        """The body of the request as it arrives, at most ``limit`` bytes of it."""
        left = self._left if limit is None else min(limit, self._left)
        while left and (piece := self._line.some(min(left, PIECE))):
            self.log.received += len(piece)
            left -= len(piece)
            self._left -= len(piece)
            yield piece

    def tell(self, limit: int | None = None) -> http.client.HTTPConnection:
        """Let the registry hear the request, and at most ``limit`` bytes of its body."""
        connection = self._upstream = http.client.HTTPConnection(self.proxy.upstream, timeout=60)
        connection.putrequest(self.method, self.target, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name not in _HOP and not (self.proxy.gate and name == "authorization"):
                connection.putheader(name, value)
        connection.putheader("Connection", "close")
        connection.endheaders()
        for piece in self.body(limit):
            connection.send(piece)
        return connection

    def ask(self) -> Answer:
        """What the registry answers."""
        response = self.tell().getresponse()
        headers = {name: value for name, value in response.getheaders() if name.lower() not in _HOP}
        length = response.getheader("Content-Length")

        def pieces() -> Iterator[bytes]:
            while piece := response.read1(PIECE):
                yield piece

        return Answer(response.status, headers, pieces(), int(length) if length else None)

    def close(self) -> None:
        """Be done with the registry."""
        if self._upstream:
            self._upstream.close()

    def head(self, answer: Answer) -> None:
        """Send status line and headers as ``answer`` has them; chunks follow where it says no length."""
        self.log.status = answer.status
        lines = [f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, '')}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        self.raw("\r\n".join([*lines, "", ""]).encode())

    def give(self, answer: Answer) -> None:
        """Send an answer."""
        chunked = answer.length is None and answer.status not in (204, 304)
        if chunked:
            answer.headers["Transfer-Encoding"] = "chunked"
        self.head(answer)
        if self.method == "HEAD":
            return
        for piece in answer.body:
            if chunked and piece:
                self.raw(b"%x\r\n" % len(piece))
            self.send(piece)
            if chunked and piece:
                self.raw(b"\r\n")
        if chunked:
            self.raw(b"0\r\n\r\n")

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send an answer of our own; the registry is not asked, the request's body is read."""
        for _ in self.body():
            pass
        named = {"Content-Length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}}
        self.give(Answer(status, named, iter([body] if body else []), len(body)))

    def send(self, data: bytes) -> None:
        """Send bytes of a body; they count."""
        self.raw(data)
        self.log.sent += len(data)

    def raw(self, data: bytes) -> None:
        """Send bytes that do not count."""
        try:
            self._line.connection.sendall(data)
        except OSError as error:
            raise HungUpError from error

    def hang_up(self, *, reset: bool = False) -> None:
        """End the connection: in order, or by a TCP reset. Raises HungUpError."""
        if reset:
            with suppress(OSError):
                self._line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise HungUpError

    def hold(self, seconds: float) -> None:
        """Say nothing for a while, or until the test is over."""
        self.proxy.over.wait(seconds)


class _Line:
    """The client's end of a connection, with what came and was not read yet."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._buffer = b""

    def some(self, size: int) -> bytes:
        """Up to ``size`` bytes; none at the end."""
        if not self._buffer:
            with suppress(OSError):
                self._buffer = self.connection.recv(PIECE)
        piece, self._buffer = self._buffer[:size], self._buffer[size:]
        return piece

    def head(self) -> tuple[str, str, dict[str, str]] | None:
        """Method, target and headers (names in lower case) of the next request, or None when there is no more."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.some(PIECE)
            if not piece or (data + piece)[0] == _TLS_HELLO:
                return None
            data += piece
        head, _, self._buffer = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers: dict[str, str] = {}
        for name, _, value in (line.partition(":") for line in lines):
            known = headers.get(name.strip().lower())
            headers[name.strip().lower()] = f"{known}, {value.strip()}" if known else value.strip()
        return method, target, headers


@dataclass
class FaultProxy:
    """A host before ``upstream`` (``host:port``). With ``tls`` it speaks TLS; with ``gate`` it wants tokens of its own."""

    upstream: str
    tls: ssl.SSLContext | None = None
    gate: bool = False
    rules: list[Rule] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: set[socket.socket] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"{'https' if self.tls else 'http'}://{self.host}"
        threading.Thread(target=self._accept, daemon=True).start()

    def fail(
        self, method: str, target: str, fault: Fault, *, skip: int = 0, times: int | None = 1, every: int = 1
    ) -> None:
        """Let a fault befall requests; the first rule that fits counts."""
        self.rules.append(Rule(method, target, fault, skip, times, every))

    def clear(self) -> None:
        """Forget rules and what was asked; relay from now on."""
        with self._lock:
            self.rules.clear()
            self.asked.clear()

    def requests(self, method: str, target: str) -> list[Asked]:
        """What was asked so far and fits."""
        with self._lock:
            return [a for a in self.asked if re.fullmatch(method, a.method) and re.search(target, a.target)]

    def sent(self, target: str = "/blobs/") -> int:
        """Bytes of good answers that were sent for targets that fit."""
        return sum(a.sent for a in self.requests("GET", target) if a.status in (200, 206))

    def expire(self) -> None:
        """Let no token given so far be good any more."""
        with self._lock:
            self.tokens.clear()

    def stop(self) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            lines = list(self._open)
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            line = _Line(connection)
            while (asked := line.head()) and not self.over.is_set():
                self._exchange(Exchange(self, line, *asked))
        except (HungUpError, OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _exchange(self, exchange: Exchange) -> None:
        with self._lock:
            self.asked.append(exchange.log)
            rule = next((rule for rule in self.rules if rule.fits(exchange)), None)
        try:
            if rule:
                rule.fault(exchange)
            elif self.gate and not self._passes(exchange):
                self.challenge(exchange)
            elif urlsplit(exchange.target).path == "/token":
                self._give_token(exchange)
            else:
                exchange.give(exchange.ask())
            for _ in exchange.body():  # what a fault left unread is no request
                pass
        finally:
            exchange.close()

    def _passes(self, exchange: Exchange) -> bool:
        token = (exchange.log.authorization or "").removeprefix("Bearer ")
        return urlsplit(exchange.target).path == "/token" or token in self.tokens

    def challenge(self, exchange: Exchange) -> None:
        """Ask for a token that this proxy gives."""
        found = re.match(r"/v2/(.+?)/(?:manifests|blobs|tags|referrers)/", exchange.target)
        actions = "pull" if exchange.method in ("GET", "HEAD") else "pull,push"
        scope = f',scope="repository:{found[1]}:{actions}"' if found else ""
        wanted = f'Bearer realm="{self.url}/token",service="faults"{scope}'
        body = b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}'
        exchange.answer(401, body, Content_Type="application/json", WWW_Authenticate=wanted)

    def _give_token(self, exchange: Exchange) -> None:
        assert "service" in parse_qs(urlsplit(exchange.target).query)
        token = secrets.token_hex(8)
        with self._lock:
            self.tokens.add(token)
        exchange.answer(200, b'{"token":"%s","expires_in":300}' % token.encode(), Content_Type="application/json")


@contextmanager
def proxies(upstream: str, count: int = 1, **options: object) -> Iterator[list[FaultProxy]]:
    """Some hosts before one registry for as long as the block lasts."""
    made = [FaultProxy(upstream, **options) for _ in range(count)]  # type: ignore[arg-type]
    try:
        yield made
    finally:
        for proxy in made:
            proxy.stop()


@contextmanager
def refusing() -> Iterator[str]:
    """A ``host:port`` where connections are refused."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def unanswering() -> Iterator[str]:
    """A ``host:port`` where no connection comes about: the queue of its listener is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(address)
        yield f"127.0.0.1:{address[1]}"
        for each in waiting:
            each.close()
