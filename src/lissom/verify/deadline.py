"""A time limit on a connection that no trick of the other side can stretch."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

__all__ = ["cut_off"]


@contextlib.contextmanager
def cut_off(opened: socket.socket, seconds: float) -> Iterator[None]:
    """Shut the connection down when the block takes longer than ``seconds``; it raises TimeoutError then.

    A socket's own time limit begins anew with each byte: whoever sends one now and then would never end.
    """
    with opened.dup() as connection:  # the same connection, also when TLS takes the socket over
        late = threading.Event()

        def cut() -> None:
            late.set()
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except OSError as error:
            if late.is_set():
                raise TimeoutError("the time is up") from error
            raise
        finally:
            timer.cancel()
            timer.join()
        if late.is_set():
            raise TimeoutError("the time is up")
