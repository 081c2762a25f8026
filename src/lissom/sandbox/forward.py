"""A small TCP forwarder: a published port whose number differs inside, on the host's own network."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from lissom.errors import SandboxError, UsageError

__all__ = ["Published", "publish"]

_CHUNK = 65536
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - what publishing means


@dataclass(frozen=True, slots=True)
class Published:
    """``-p [ADDRESS:]OUTER:INNER``: who connects to ``outer`` reaches ``inner``."""

    outer: int
    inner: int
    address: str = _EVERYWHERE

    @classmethod
    def parse(cls, text: str) -> Published:
        """Parse docker's form; a single number means the same one outside. Raises UsageError."""
        plain, _, protocol = text.partition("/")
        if protocol not in ("", "tcp"):
            raise UsageError(f"cannot publish `{text}`: only TCP ports can be")
        *address, inner = plain.rsplit(":", 2)
        outer = address.pop() if address else inner
        if not (inner.isdigit() and (outer or inner).isdigit() and 0 < int(inner) < 1 << 16):
            raise UsageError(f"cannot publish `{text}`: it is not [ADDRESS:]HOST-PORT:CONTAINER-PORT")
        return cls(int(outer or inner), int(inner), address[0].strip("[]") if address else _EVERYWHERE)


@contextlib.contextmanager
def publish(ports: tuple[Published, ...]) -> Iterator[None]:
    """Forward until the block is left. Raises SandboxError when a port is in use."""
    with contextlib.ExitStack() as open_sockets:
        for port in ports:
            server = open_sockets.enter_context(_listen(port))
            if port.outer == port.inner:
                server.close()  # the process listens itself: it shares the host's network
            else:
                threading.Thread(target=_accept, args=(server, port.inner), daemon=True).start()
        yield


def _listen(port: Published) -> socket.socket:
    try:
        return socket.create_server(
            (port.address, port.outer), family=socket.AF_INET6 if ":" in port.address else socket.AF_INET
        )
    except OSError as error:
        hint = "ordinary users may publish ports from 1024 on" if error.errno == errno.EACCES else None
        cause = os.strerror(error.errno or 0)
        raise SandboxError(f"cannot publish port {port.outer} on {port.address}: {cause}", hint=hint) from error


def _accept(server: socket.socket, inner: int) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return  # the block was left
        try:
            upstream = socket.create_connection(("127.0.0.1", inner), timeout=10)
        except OSError:
            client.close()
            continue
        upstream.settimeout(None)
        for source, sink in ((client, upstream), (upstream, client)):
            threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
