"""Connections on which all of an answer's head has to come in time.

A socket's timeout begins anew with each byte: a server that sends one now and then would hold us for hours.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Timer
from typing import Any, cast

import urllib3
from urllib3.connection import HTTPConnection

__all__ = ["make_punctual"]


def make_punctual(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    """Let a manager's connections, of whatever kind, give up on heads that take longer than the read timeout."""
    pools = cast(dict[str, Any], manager.pool_classes_by_scheme)
    manager.pool_classes_by_scheme = {scheme: _punctual_pool(kind) for scheme, kind in pools.items()}
    return manager


def _punctual_pool(kind: Any) -> Any:
    connection = type(kind.ConnectionCls.__name__, (_Punctual, kind.ConnectionCls), {})
    return type(kind.__name__, (kind,), {"ConnectionCls": connection})


class _Punctual(HTTPConnection):
    """Waits for a head; raises TimeoutError, which urllib3 knows as a timeout of reading."""

    def getresponse(self) -> urllib3.response.HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        line, late = self.sock, []

        def hang_up() -> None:
            late.append(True)
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        timer = Timer(cast(float, self.timeout), hang_up)
        timer.daemon = True
        timer.start()
        response = None
        try:
            response = super().getresponse()
        except Exception:
            if not late:
                raise
        finally:
            timer.cancel()
        if late:
            if response:  # half a head reads like a whole one
                response.close()
            raise TimeoutError
        assert response is not None
        return response
