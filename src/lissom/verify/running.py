"""A container while it runs: its log, its ports, connections into it, its end."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import BinaryIO, Self

from lissom.sandbox.network import Namespace
from lissom.sandbox.process import Process, Running, start
from lissom.sandbox.watch import Watcher
from lissom.verify.answer import Answer
from lissom.verify.http import NoAnswerError
from lissom.verify.log import Log

__all__ = ["Container", "Stopped", "run_to_end"]

_LOCAL = ("127.0.0.1", "::1")
_DEAF = 0.5  # a handler may just be about to be set
_STARTING = 60.0
_DYING = 30.0
_LINGERING = 1.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """How a container ended. ``forced``: it was killed; ``deaf``: it has no handler for the signal it was sent."""

    status: int
    seconds: float
    forced: bool = False
    deaf: bool = False


class Container:
    """A started process. As a context manager it leaves nothing running. Raises SandboxError when it cannot start."""

    def __init__(self, process: Process, *, watch: Watcher | None = None) -> None:
        self.process = process
        self.log = Log()
        self.status: int | None = None
        self._watch = watch
        self._ended = threading.Event()
        self._begun = threading.Event()
        self._fault: BaseException | None = None
        self._running: Running | None = None
        self._network: Namespace | None = None
        self._taken = _host_ports() if process.network == "host" else frozenset()
        # The process lives as long as the thread that starts it: that one does nothing else.
        self._thread = threading.Thread(target=self._live, name="lissom-container", daemon=True)
        self._thread.start()
        self._begun.wait()
        self._raise()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.kill()
        if self._network:
            self._network.close()

    @property
    def alive(self) -> bool:
        """Whether its first process runs. Raises SandboxError when it could not begin."""
        if self._ended.is_set():
            self._raise()
            return False
        return True

    @property
    def pid(self) -> int:
        """Its first process as this machine numbers it; 0 when it has ended."""
        running = self._running
        return running.pid if running and self.alive else 0

    def wait(self, seconds: float) -> bool:
        """Whether it ends within the time."""
        return self._ended.wait(max(seconds, 0))

    def wait_for_exit(self, seconds: float) -> bool:
        """Whether its first process ends within the time, even if others hold on to its output."""
        pid = self.pid
        try:
            process = os.pidfd_open(pid) if pid else -1
        except ProcessLookupError:
            process = -1
        if process < 0:
            return True
        try:
            poll = select.poll()
            poll.register(process, select.POLLIN)
            return bool(poll.poll(seconds * 1000))
        finally:
            os.close(process)

    def ports(self) -> frozenset[int]:
        """TCP ports that it listens on."""
        network = self._enter()
        return network.listening() - self._taken if network else frozenset()

    def connect(self, port: int, timeout: float) -> socket.socket:
        """A connection to a port of its loopback, by IPv4 or else IPv6. Raises OSError."""
        network = self._enter()
        if network is None:
            raise ConnectionRefusedError("the container has ended")
        try:
            return network.connect(_LOCAL[0], port, timeout)
        except ConnectionRefusedError:
            return network.connect(_LOCAL[1], port, timeout)

    def stop(self, number: signal.Signals, within: float) -> Stopped:
        """Send the signal, wait, then kill. Without a handler for the signal the wait is short."""
        begin = time.monotonic()
        deaf = self.alive and not _listens(self.pid, number)
        if self._running and self.alive:
            self._running.signal(number)
        forced = not self.wait(min(within, _DEAF) if deaf else within)
        seconds = time.monotonic() - begin
        self.kill()
        return Stopped(-1 if self.status is None else self.status, seconds, forced, deaf)

    def kill(self) -> None:
        """End it and everything it started."""
        if self._running and not self._ended.is_set():
            self._running.kill()
        self._thread.join(_DYING)

    def _live(self) -> None:
        try:
            self._running = start(self.process, watch=self._watch)
            self._begun.set()
            self.status = self._running.wait(self.log.feed)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asks
            self._fault = error
        finally:
            self._ended.set()
            self._begun.set()

    def _raise(self) -> None:
        if self._fault is not None:
            raise self._fault

    def _enter(self) -> Namespace | None:
        """Its network, once it has one of its own; None when it has ended."""
        if self._network is None:
            deadline = time.monotonic() + _STARTING
            while (pid := self.pid) and time.monotonic() < deadline:
                try:
                    if self.process.network == "host" or _namespace(pid) != _namespace("self"):
                        self._network = Namespace(pid)
                        break
                except OSError:
                    return None
                self.wait(0.01)
        return self._network if self.alive else None


def run_to_end(process: Process, *, stdin: bytes = b"", watch: Watcher | None = None, timeout: float) -> Answer:
    """What a process wrote and how it ended. Raises NoAnswerError when it does not end in time, SandboxError.

    What it left running inside a container (``join``) is ended when it holds on to the output.
    """
    with (
        _memory(stdin) as given,
        Container(replace(process, stdin=given.fileno()), watch=watch) as command,
    ):
        pid = command.pid
        late = not (command.wait_for_exit(timeout) if process.join else command.wait(timeout))
        if process.join and pid and (late or not command.wait(_LINGERING)):
            _end_session(pid)
        command.kill()
    out, errors = command.log.out, command.log.errors
    if late:
        wrote = (errors.text or out.text)[-300:].strip()
        raise NoAnswerError(
            f"cannot run `{process.argv[0]}`: it did not end within {timeout:g} s: {wrote or 'no output'}"
        )
    assert not command.alive
    return Answer(-1 if command.status is None else command.status, (), out, errors)


def _end_session(leader: int) -> None:
    """Kill every process of the session that ``leader`` began: without a process namespace of its own, its children
    outlive it.
    """
    for name in os.listdir("/proc"):
        with suppress(OSError, ValueError, IndexError):
            if name.isdigit() and int(_stat(name)[3]) == leader:
                os.kill(int(name), signal.SIGKILL)


def _stat(process: str) -> list[str]:
    """The fields of a process's status behind its name."""
    with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()


def _memory(data: bytes) -> BinaryIO:
    """A file in memory that is read from its beginning."""
    file = os.fdopen(os.memfd_create("input"), "r+b")
    file.write(data)
    file.seek(0)
    return file


def _namespace(process: int | str) -> str:
    return os.readlink(f"/proc/{process}/ns/net")


def _host_ports() -> frozenset[int]:
    with Namespace(os.getpid()) as network:
        return network.listening()


def _listens(pid: int, number: signal.Signals) -> bool:
    """Whether any thread of the process catches the signal, or blocks it to wait for it.

    The first process of a container that does neither never sees it: the kernel spares it the default action.
    """
    bit = 1 << (number - 1)
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8", errors="replace") as file:
                masks = re.findall(r"^Sig(?:Cgt|Blk):\s*([0-9a-f]+)$", file.read(), re.MULTILINE)
            if any(int(mask, 16) & bit for mask in masks):
                return True
    except OSError:
        return True
    return number in (signal.SIGKILL, signal.SIGSTOP)
