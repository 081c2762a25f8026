"""Which hosts are put back for a while, because they failed or were slow."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

__all__ = ["Health", "Memory"]

_FIRST_REST = 60.0
_LONGEST_REST = 15 * 60.0
_MOST_HOSTS = 1000


class Memory(Protocol):
    """Where health outlives a command. ``load`` gives what ``save`` got last, in whole; b"" when there is nothing."""

    def load(self) -> bytes: ...

    def save(self, data: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class _Rest:
    """A host is put back ``until`` a time (seconds since 1970), for the ``times``-th time in a row."""

    until: float
    times: int


class Health:
    """What is known of hosts. Threads may share it; ``clock`` gives seconds since 1970."""

    def __init__(self, memory: Memory | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._memory = memory
        self._clock = clock
        self._lock = Lock()
        self._rates: dict[str, float] = {}
        self._forgiven: set[str] = set()
        self._rests = _read(memory.load()) if memory else {}

    def rests(self, host: str) -> bool:
        """Whether a host is put back."""
        with self._lock:
            rest = self._rests.get(host)
            # A rest that is too long was written when some clock was wrong.
            return rest is not None and 0 < rest.until - self._clock() <= _LONGEST_REST

    def failed(self, host: str, *, wait: float | None = None) -> None:
        """Put a host back: a minute, doubling to fifteen with each time in a row, or ``wait`` seconds as it asks."""
        with self._lock:
            rest, now = self._rests.get(host), self._clock()
            if rest and 0 < rest.until - now <= _LONGEST_REST and not wait:
                return  # several threads saw the same failure
            times = rest.times + 1 if rest else 1
            pause = min(_LONGEST_REST, max(_FIRST_REST * 2.0 ** min(times - 1, 10), wait or 0))
            self._rests[host] = _Rest(now + pause, times)
            self._forgiven.discard(host)
            self._save()

    def worked(self, host: str) -> None:
        """A host answered: what it did before is forgotten."""
        with self._lock:
            if self._rests.pop(host, None):
                self._forgiven.add(host)
                self._save()

    def measured(self, host: str, rate: float) -> None:
        """Remember how many bytes a second one connection to a host gave; late ones count more."""
        with self._lock:
            self._rates[host] = (self._rates.get(host, rate) + rate) / 2

    def rate(self, host: str) -> float:
        """Bytes a second that one connection to a host gives; 0 when that is not known."""
        with self._lock:
            return self._rates.get(host, 0.0)

    def _save(self) -> None:
        if self._memory:
            # Others may have learned something meanwhile; of the hosts that we know, we know better.
            merged = _read(self._memory.load()) | self._rests
            self._memory.save(_written({h: rest for h, rest in merged.items() if h not in self._forgiven}))


def _written(rests: dict[str, _Rest]) -> bytes:
    return json.dumps({host: [rest.until, rest.times] for host, rest in rests.items()}).encode()


def _read(raw: bytes) -> dict[str, _Rest]:
    try:
        fields = json.loads(raw or b"{}")
        pairs = list(fields.items())[:_MOST_HOSTS]
        return {host: _Rest(float(until), max(1, int(times))) for host, (until, times) in pairs}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}  # it is no more than a memory
