"""The user's terminal, connected to a container's."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator

from lissom.sandbox.process import Running

__all__ = ["attached", "passing_signals", "relay_input", "write_through"]

_PASSED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


@contextlib.contextmanager
def attached(running: Running, *, interactive: bool) -> Iterator[None]:
    """Raw mode, window size and keys for ``running``'s terminal until the block is left."""
    console = running.console
    if console is None:  # it failed to start: waiting for it will tell why
        yield
        return
    _copy_size(console)
    running.resume()
    old = signal.signal(signal.SIGWINCH, lambda _number, _frame: _copy_size(console))
    before = termios.tcgetattr(0) if interactive and os.isatty(0) else None
    try:
        if before is not None:
            tty.setraw(0, termios.TCSADRAIN)  # what was typed ahead is kept
        if interactive:
            threading.Thread(target=_copy, args=(0, os.dup(console)), daemon=True).start()
        yield
    finally:
        signal.signal(signal.SIGWINCH, old)
        if before is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, before)


def relay_input() -> int:
    """A descriptor that reads as standard input does; never the user's terminal itself."""
    if not os.isatty(0):
        return 0
    inner, outer = os.pipe()
    threading.Thread(target=_copy, args=(0, outer), daemon=True).start()
    return inner


@contextlib.contextmanager
def passing_signals(running: Running, stop: signal.Signals) -> Iterator[None]:
    """Pass signals on until the block is left; SIGTERM as ``stop``. The same one a third time kills."""
    seen: dict[int, int] = {}

    def forward(number: int, _frame: object) -> None:
        seen[number] = seen.get(number, 0) + 1
        if seen[number] > 2:
            running.kill()
        running.signal(stop if number == signal.SIGTERM else number)

    old: list[tuple[signal.Signals, Callable[..., object] | int | None]] = [
        (number, signal.signal(number, forward)) for number in _PASSED
    ]
    try:
        yield
    finally:
        for number, handler in old:
            signal.signal(number, handler)


def _copy_size(console: int) -> None:
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError):
            size = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
            fcntl.ioctl(console, termios.TIOCSWINSZ, size)
            return


def _copy(source: int, sink: int) -> None:
    with contextlib.suppress(OSError):
        while data := os.read(source, 4096):
            view = memoryview(data)
            while view:
                view = view[os.write(sink, view) :]
    if not os.isatty(sink):
        os.close(sink)


def write_through(stream: int, data: bytes) -> None:
    """Output of a container as it comes: stream 1 to stdout, 2 to stderr."""
    with contextlib.suppress(BrokenPipeError):
        view = memoryview(data)
        descriptor = (sys.stdout if stream == 1 else sys.stderr).fileno()
        while view:
            view = view[os.write(descriptor, view) :]
