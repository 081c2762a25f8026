"""A pseudo terminal of the container's own. Runs inside, before the process."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import termios

from lissom.sandbox import kernel as k

__all__ = ["attach"]

_UNLOCK, _NUMBER = 0x40045431, 0x80045430  # TIOCSPTLCK, TIOCGPTN: the termios module does not name them


def attach(channel: int) -> None:
    """Make the terminal, send its outer side over the socket ``channel``, take the inner one as standard streams.

    Waits until the other side answers: by then it has set the window's size.
    """
    outer = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(outer, _UNLOCK, bytes(4))
    number = int.from_bytes(fcntl.ioctl(outer, _NUMBER, bytes(4)), sys.byteorder)
    inner = os.open(f"/dev/pts/{number}", os.O_RDWR | os.O_NOCTTY)
    os.close(os.open("/dev/console", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY, 0o600))
    k.mount(f"/dev/pts/{number}", "/dev/console", flags=k.MS_BIND)
    with socket.socket(fileno=channel) as connection:
        socket.send_fds(connection, [b"\0"], [outer])
        connection.recv(1)
    os.close(outer)
    for descriptor in (0, 1, 2):
        os.dup2(inner, descriptor)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if inner > 2:
        os.close(inner)
