"""HTTP and SOCKS proxies on loopback that resolve names as they are told, so that any name may be a test's server."""

from __future__ import annotations

import base64
import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class Proxy:
    """``names`` maps ``host:port`` to where that is; ``login`` is ``user:password``, or empty when anybody may pass.

    ``status`` is what CONNECT is answered with when it is not 200. ``asked`` holds what came, such as
    ``CONNECT registry.test:443``, ``headers`` those of each request.
    """

    address: str
    names: Mapping[str, str]
    login: str = ""
    status: int = 200
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def reach(self, target: str) -> socket.socket:
        host, _, port = self.names[target].rpartition(":")
        return socket.create_connection((host, int(port)), timeout=30)


@contextlib.contextmanager
def http_proxy(names: Mapping[str, str], *, login: str = "", tls: tuple[Path, Path] | None = None) -> Iterator[Proxy]:
    """A proxy that speaks HTTP, over TLS when there is a certificate."""
    with _Server(("127.0.0.1", 0), _Http) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        with _serving(server, names, login) as proxy:
            yield proxy


@contextlib.contextmanager
def socks_proxy(names: Mapping[str, str], *, login: str = "") -> Iterator[Proxy]:
    """A proxy that speaks SOCKS 5, with the names resolved by itself."""
    with _Socks(("127.0.0.1", 0), _SocksRequest) as server, _serving(server, names, login) as proxy:
        yield proxy


@contextlib.contextmanager
def _serving(server: socketserver.TCPServer, names: Mapping[str, str], login: str) -> Iterator[Proxy]:
    proxy = Proxy(f"127.0.0.1:{server.server_address[1]}", names, login)
    server.proxy = proxy  # type: ignore[attr-defined]
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients may leave when they like."""


class _Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _may_pass(self) -> bool:
        proxy: Proxy = self.server.proxy  # type: ignore[attr-defined]
        proxy.asked.append(f"{self.command} {self.path}")
        proxy.headers.append(dict(self.headers))
        wanted = "Basic " + base64.b64encode(proxy.login.encode()).decode()
        status = 407 if proxy.login and self.headers.get("Proxy-Authorization") != wanted else proxy.status
        if status != 200:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
        return status == 200

    def do_CONNECT(self) -> None:
        if not self._may_pass():
            return
        with self.server.proxy.reach(self.path) as there:  # type: ignore[attr-defined]
            self.send_response(200)
            self.end_headers()
            _relay(self.connection, there)
        self.close_connection = True

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._may_pass():
            return
        parts = urlsplit(self.path)
        with self.server.proxy.reach(f"{parts.hostname}:{parts.port or 80}") as there:  # type: ignore[attr-defined]
            query = f"?{parts.query}" if parts.query else ""
            head = [f"{self.command} {parts.path}{query} HTTP/1.1"]
            head += [f"{k}: {v}" for k, v in self.headers.items() if not k.lower().startswith(("proxy-", "connection"))]
            there.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode() + body)
            while data := there.recv(1 << 16):
                self.connection.sendall(data)
        self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815 - the library's names


class _Socks(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients may leave when they like."""


class _SocksRequest(socketserver.StreamRequestHandler):
    """RFC 1928 and 1929, as far as a client that names hosts needs it."""

    def handle(self) -> None:
        proxy: Proxy = self.server.proxy  # type: ignore[attr-defined]
        methods = self.rfile.read(self.rfile.read(2)[1])
        wanted = 2 if proxy.login else 0
        self.wfile.write(bytes([5, wanted if wanted in methods else 255]))
        if wanted not in methods or (wanted and not self._proves(proxy)):
            return
        _, _, _, kind = self.rfile.read(4)
        assert kind == 3, "the client resolved the name itself"
        host = self.rfile.read(self.rfile.read(1)[0]).decode()
        target = f"{host}:{int.from_bytes(self.rfile.read(2), 'big')}"
        proxy.asked.append(target)
        with proxy.reach(target) as there:
            self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
            _relay(self.connection, there)

    def _proves(self, proxy: Proxy) -> bool:
        user = self.rfile.read(self.rfile.read(2)[1]).decode()
        password = self.rfile.read(self.rfile.read(1)[0]).decode()
        good = f"{user}:{password}" == proxy.login
        self.wfile.write(b"\x01\x00" if good else b"\x01\x01")
        return good


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until one side is done."""

    def carry(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=carry, args=(other, one), daemon=True)
    back.start()
    carry(one, other)
    back.join()
