"""What all transfers of a command amount to: bytes, the rate, the time left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from lissom.events import BlobMoved, Event, Planned, Spared
from lissom.report.terminal import size

__all__ = ["Totals", "span"]

_WINDOW = 10.0
_STEP = 0.25
# Before that the first packets would say more of buffers than of the way.
_SETTLED = 1.0


class Totals:
    """Sums over the blobs that were planned; ``take`` is given every event. The caller sees to threads.

    The rate is that of the last ten seconds, of bytes that came in this command; None until a second of them is known.
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or time.monotonic
        self._began = self._clock()
        self._verb = ""
        self._done: dict[str, tuple[int, int]] = {}
        self._whole: set[str] = set()
        self._moved = 0
        self._samples: deque[tuple[float, int]] = deque()
        self.blobs = 0
        self.size = 0
        self.spared = 0

    def take(self, event: Event) -> None:
        """Count what an event tells of."""
        match event:
            case Planned(verb, blobs, amount):
                self._plan(verb, blobs, amount)
            case Spared(verb, name, amount) if verb == self._verb:
                self._count(name, amount, amount)
                self._whole.add(name)
                self.spared += 1
            case BlobMoved(verb, name, done, total, before) if verb == self._verb and self.size:
                self._count(name, done, before)
                if done == total:
                    self._whole.add(name)

    @property
    def done(self) -> int:
        """Bytes that need not move any more, those of earlier attempts too."""
        return min(self.size, sum(done for done, _ in self._done.values()))

    @property
    def moved(self) -> int:
        """Bytes that moved in this command."""
        return self._moved

    @property
    def whole(self) -> int:
        """How many blobs are there."""
        return len(self._whole)

    @property
    def seconds(self) -> float:
        """Since the first plan."""
        return self._clock() - self._began

    def rate(self) -> float | None:
        """Bytes a second."""
        now = self._clock()
        self._sample(now)
        since, moved = self._samples[0]
        return (self._moved - moved) / (now - since) if now - since >= _SETTLED else None

    def left(self) -> float | None:
        """Seconds until all is done, at this rate."""
        rate = self.rate()
        return (self.size - self.done) / rate if rate else None

    def __str__(self) -> str:
        """``3 of 16 blobs, 123MB of 235MB, 45.2MB/s, 3 s left``."""
        parts = [f"{self.whole} of {self.blobs} blobs", f"{size(self.done)} of {size(self.size)}"]
        rate, left = self.rate(), self.left()
        if rate is not None:
            parts.append(f"{size(int(rate))}/s")
        if left is not None:
            parts.append(f"{span(left)} left")
        return ", ".join(parts)

    def _plan(self, verb: str, blobs: int, amount: int) -> None:
        if not self.size:
            self._began = self._clock()
            self._samples.clear()
        self._verb = verb
        self.blobs += blobs
        self.size += amount

    def _count(self, name: str, done: int, before: int) -> None:
        earlier = self._done.get(name, (0, 0))
        self._done[name] = (done, before)
        self._moved = max(0, self._moved + (done - before) - (earlier[0] - earlier[1]))
        self._sample(self._clock())

    def _sample(self, now: float) -> None:
        if not self._samples:
            self._samples.append((self._began, 0))
        if now - self._samples[-1][0] >= _STEP:
            self._samples.append((now, self._moved))
        while len(self._samples) > 2 and now - self._samples[1][0] >= _WINDOW:
            self._samples.popleft()


def span(seconds: float) -> str:
    """A time for people: ``4 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min" if whole < 100 * 3600 else "days"
