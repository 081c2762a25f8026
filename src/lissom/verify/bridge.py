"""A port of this machine's loopback that leads into a container, for programs that run outside."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from lissom.verify.http import Connect

__all__ = ["bridge"]

_CHUNK = 1 << 16
_CONNECTING = 10.0


@contextlib.contextmanager
def bridge(connect: Connect, port: int) -> Iterator[int]:
    """The number of a port on 127.0.0.1 that is the container's ``port`` until the block is left."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_accept, args=(server, connect, port), daemon=True)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)  # wakes accept, which closing alone would not
            thread.join()


def _accept(server: socket.socket, connect: Connect, port: int) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        try:
            upstream = connect(port, _CONNECTING)
        except OSError:
            client.close()
            continue
        upstream.settimeout(None)
        threading.Thread(target=_serve, args=(client, upstream), daemon=True).start()


def _serve(client: socket.socket, upstream: socket.socket) -> None:
    with client, upstream:
        back = threading.Thread(target=_pump, args=(upstream, client), daemon=True)
        back.start()
        _pump(client, upstream)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
