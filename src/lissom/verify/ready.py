"""When a container is ready to be asked, and where it listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from lissom.errors import VerifyError
from lissom.verify.activity import processor_time
from lissom.verify.expect import shortened
from lissom.verify.http import Server
from lissom.verify.postgres import ask_postgres
from lissom.verify.probe import Instance
from lissom.verify.running import Container
from lissom.verify.wire import ask_redis

__all__ = ["NotReadyError", "Ready", "wait_ready"]

_PAUSE = 0.02
_LONGEST_PAUSE = 0.25
_ONE_TRY = 5.0
_QUIET = 5.0
_AT_WORK = 0.02  # of one processor: what only waits and looks around takes less
_SETTLED = 0.3
_NEEDED = ("http", "port")
_NOT_EXECUTED = (126, 127)
"""Exit statuses that say that there is no such program: nothing can be seen of it."""


class NotReadyError(VerifyError):
    """A container ended or waited too long before it could be asked anything."""


@dataclass(frozen=True, slots=True)
class Ready:
    """How long it took, and the port that requests go to unless they name one; None when nothing listens."""

    seconds: float
    port: int | None = None


def wait_ready(container: Container, instance: Instance, exposed: frozenset[int], *, needs: str) -> Ready:
    """Wait until ``instance`` is ready: as it says itself, else until its ports listen.

    ``needs`` is what its probes want: ``http``, ``port``, nothing, or ``perhaps`` HTTP. Unless something is needed, a
    program that ends, or neither writes nor works for some seconds, is ready too. Raises NotReadyError with the end of
    the log, and SandboxError.
    """
    waiting = _Waiting(container, instance, exposed)
    if instance.ready.startswith("log:"):
        text = instance.ready[4:]
        waiting.until(lambda: text in container.log.text(), f"its log lacks `{text}`")
        return Ready(waiting.seconds, waiting.find_port(needs) if needs in _NEEDED else None)
    if instance.ready == "redis":
        redis = waiting.find_port("port")
        waiting.until(lambda: _pongs(container, redis), "it does not answer PING")
        return Ready(waiting.seconds, redis)
    if instance.ready == "pg":
        return waiting.for_postgres()
    if instance.ready:
        return waiting.for_path(instance.ready)
    port = waiting.find_port(needs) if needs in _NEEDED else waiting.for_quiet(needs)
    if port is not None and needs in ("http", "perhaps"):
        waiting.for_greeting(port)
    return Ready(waiting.seconds, port)


class _Waiting:
    def __init__(self, container: Container, instance: Instance, exposed: frozenset[int]) -> None:
        self._container = container
        self._instance = instance
        self._exposed = exposed
        self._begin = time.monotonic()
        self._pause = _PAUSE

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begin

    def until(self, done: Callable[[], bool], lacking: str) -> None:
        """Wait until ``done()`` is true. Raises NotReadyError."""
        while not done():
            self.rest(lacking)

    def rest(self, lacking: str) -> None:
        """Sleep a little; raises NotReadyError when the container has ended or the time is up."""
        if not self._container.alive:
            raise NotReadyError(
                f"cannot probe `{self._instance.name}`: it exited with status {self._container.status} before it was"
                f" ready{_end_of(self._container)}"
            )
        if self.seconds >= self._instance.ready_timeout:
            raise NotReadyError(
                f"cannot probe `{self._instance.name}`: it was not ready after {self._instance.ready_timeout:g} s:"
                f" {lacking}{_end_of(self._container)}",
                hint="give it more time (ready_timeout), say when it is ready (ready), or look at its log",
            )
        self._container.wait(self._pause)
        self._pause = min(self._pause * 1.2, _LONGEST_PAUSE)

    def for_path(self, path: str) -> Ready:
        """Wait until a path answers below 500."""
        while True:
            port = self.find_port("http")
            answer = Server(self._container.connect, port).greet(path, timeout=_ONE_TRY)
            if answer is not None and (answer.status or 500) < 500:
                return Ready(self.seconds, port)
            lacking = f"nothing speaks HTTP on port {port}"
            if answer is not None:
                lacking = f"{path} answers {answer.status}: {shortened(answer.body.text)}"
            self.rest(lacking)

    def for_postgres(self) -> Ready:
        """Wait until the instance's login may select from PostgreSQL."""
        while True:
            port = self.find_port("port")
            try:
                opened = self._container.connect(port, _ONE_TRY)
                answer = ask_postgres(opened, self._instance.login, "select 1", timeout=_ONE_TRY)
            except OSError as error:
                lacking = f"it does not answer `select 1`: {error.strerror or error}"
            else:
                if not answer.status:
                    return Ready(self.seconds, port)
                lacking = f"it answers `select 1` with an error: {shortened(answer.body.text)}"
            self.rest(lacking)

    def for_greeting(self, port: int) -> None:
        """Give a server that answers with an error, or not at all yet, some seconds to come to itself."""
        deadline = self.seconds + _ONE_TRY
        while self._container.alive and self.seconds < deadline:
            answer = Server(self._container.connect, port).greet(timeout=max(deadline - self.seconds, 1))
            if answer is not None and (answer.status or 500) < 500:
                return
            self._container.wait(_LONGEST_PAUSE)

    def for_quiet(self, needs: str) -> int | None:
        """Wait until a port listens, the program ends, or it has done nothing for some seconds."""
        size, used, since = 0, 0.0, time.monotonic()
        while self._container.alive:
            if found := self._candidates():
                return self._chosen(found, needs)
            if self._container.log.size != size:
                size, since = self._container.log.size, time.monotonic()
            elif time.monotonic() - since > _QUIET:
                now = processor_time(self._container.pid)
                if now - used > _QUIET * _AT_WORK:
                    used, since = now, time.monotonic()
            if self._exposed and needs == "perhaps":
                if self.seconds >= self._instance.ready_timeout:
                    self.rest("no port listens, though the image exposes one")
                self._container.wait(_PAUSE)
                continue
            quiet = not self._exposed and time.monotonic() - since > _QUIET
            if quiet or self.seconds > self._instance.ready_timeout:
                return None
            self._container.wait(_PAUSE)
        failed = self._exposed or self._container.status in _NOT_EXECUTED
        if failed and needs == "perhaps" and self._container.status:
            self.rest("")
        return None

    def find_port(self, needs: str) -> int:
        """Wait until the instance's port listens, else an exposed one, else any."""
        while not (found := self._candidates()):
            ports = ", ".join(map(str, sorted(self._container.ports())))
            wanted = f"port {self._instance.port} does not listen" if self._instance.port else "no port listens"
            self.rest(f"{wanted} (but {ports})" if ports else wanted)
        return self._chosen(found, needs)

    def _chosen(self, found: tuple[int, ...], needs: str) -> int:
        """One of the ports that listen; of several one that speaks HTTP."""
        if self._instance.port is None and not (self._exposed and self._exposed <= set(found)):
            self._container.wait(_SETTLED)  # a second port often follows the first
            found = self._candidates() or found
        if needs in ("http", "perhaps"):
            for port in found if len(found) > 1 else ():
                if Server(self._container.connect, port).greet(timeout=_ONE_TRY) is not None:
                    return port
        return found[0]

    def _candidates(self) -> tuple[int, ...]:
        """Ports that listen, the likeliest first."""
        ports = self._container.ports()
        if self._instance.port is not None:
            return (self._instance.port,) if self._instance.port in ports else ()
        return tuple(sorted(ports & self._exposed)) or tuple(sorted(ports))


def _pongs(container: Container, port: int) -> bool:
    try:
        return ask_redis(container.connect(port, _ONE_TRY), ("PING",), timeout=_ONE_TRY) == "PONG"
    except OSError:
        return False


def _end_of(container: Container) -> str:
    tail = container.log.tail()
    return f"\n{tail}" if tail else "; it wrote nothing"
