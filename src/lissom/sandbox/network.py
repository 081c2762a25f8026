"""The network of a container, seen from outside: connect into it, see what listens."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import Self

from lissom.sandbox import kernel

__all__ = ["Namespace"]

_LISTEN = "0A"


class Namespace:
    """The network namespace of a process. Sockets made here work from any thread; ``close`` it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the namespace; open connections stay."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """A TCP connection from inside the namespace. Raises OSError."""
        found: list[socket.socket] = []
        failed: list[OSError] = []

        def work() -> None:
            try:
                kernel.enter_namespaces(self._descriptor, kernel.CLONE_NEWNET, "the container's network")
                found.append(socket.create_connection((host, port), timeout))
            except OSError as error:
                failed.append(error)

        thread = threading.Thread(target=work)  # a thread of its own: entering a namespace is for good
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return found[0]

    def listening(self) -> frozenset[int]:
        """TCP ports that something listens on; empty when the process has ended."""
        ports = set()
        for name in ("tcp", "tcp6"):
            with contextlib.suppress(OSError), open(f"/proc/{self._pid}/net/{name}", encoding="ascii") as table:
                for line in list(table)[1:]:
                    fields = line.split()
                    if fields[3] == _LISTEN:
                        ports.add(int(fields[1].rpartition(":")[2], 16))
        return frozenset(ports)
