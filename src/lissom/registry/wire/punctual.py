"""Connections on which all of an answer's head has to come in time.

A socket's timeout begins anew with each byte: a server that sends one now and then would hold us for hours. Whoever is
interrupted need not wait for any head: ``Waits`` hangs up on all that are waited for.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Timer
from typing import Any, cast

import urllib3
from urllib3.connection import HTTPConnection

__all__ = ["Waits", "make_punctual"]


class Waits:
    """The connections on which an answer is waited for now."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: set[socket.socket] = set()

    def begin(self, line: socket.socket) -> None:
        """An answer is waited for on this one."""
        with self._lock:
            self._lines.add(line)

    def end(self, line: socket.socket) -> None:
        """It came, or will not."""
        with self._lock:
            self._lines.discard(line)

    def hang_up(self) -> None:
        """Wait no longer: for those who do the connection is cut."""
        with self._lock:
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


def make_punctual(manager: urllib3.PoolManager, waits: Waits) -> urllib3.PoolManager:
    """Let a manager's connections, of whatever kind, give up on heads that take longer than the read timeout."""
    pools = cast(dict[str, Any], manager.pool_classes_by_scheme)
    manager.pool_classes_by_scheme = {scheme: _punctual_pool(kind, waits) for scheme, kind in pools.items()}
    return manager


def _punctual_pool(kind: Any, waits: Waits) -> Any:
    connection = type(kind.ConnectionCls.__name__, (_Punctual, kind.ConnectionCls), {"waits": waits})
    return type(kind.__name__, (kind,), {"ConnectionCls": connection})


class _Punctual(HTTPConnection):
    """Waits for a head; raises TimeoutError, which urllib3 knows as a timeout of reading."""

    waits: Waits

    def getresponse(self) -> urllib3.response.HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        line, late = self.sock, []

        def hang_up() -> None:
            late.append(True)
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        timer = Timer(cast(float, self.timeout), hang_up)
        timer.daemon = True
        timer.start()
        self.waits.begin(line)
        response = None
        try:
            response = super().getresponse()
        except Exception:
            if not late:
                raise
        finally:
            timer.cancel()
            self.waits.end(line)
        if late:
            if response:  # half a head reads like a whole one
                response.close()
            raise TimeoutError
        assert response is not None
        return response
