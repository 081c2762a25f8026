"""One blob's way here: who gave how much of it, whom not to ask, and how far it is."""

from __future__ import annotations

import time
from threading import Lock

from lissom.events import BlobMoved, Served
from lissom.oci.document import Descriptor
from lissom.registry.endpoint import Endpoint
from lissom.registry.reading.answer import Answer
from lissom.registry.reading.sources import Sources

__all__ = ["Course"]

_EVENT_SECONDS = 0.1
# Slower than this, or than a quarter of what another place is known to give, is left when there is that other place.
_SLOW = 32 << 10
_FAR_SLOWER = 4.0


class Course:
    """What the parts of one download share. Threads may share it."""

    def __init__(self, wanted: Descriptor, sources: Sources, start: int) -> None:
        self.wanted = wanted
        self.sources = sources
        self._lock = Lock()
        self._start = self._done = start
        self._told = 0.0
        self._latest = time.monotonic()
        self._given: dict[Endpoint, int] = {}
        self._first: dict[Endpoint, float] = {}
        self._last: dict[Endpoint, float] = {}

    @property
    def avoid(self) -> frozenset[Endpoint]:
        """Who gave wrong bytes of this blob before."""
        return self.sources.distrusted(self.wanted.digest)

    def came(self, endpoint: Endpoint, count: int) -> None:
        """Count bytes that arrived, and tell of them now and then."""
        now = time.monotonic()
        with self._lock:
            self._done += count
            self._given[endpoint] = self._given.get(endpoint, 0) + count
            self._first.setdefault(endpoint, self._latest)
            self._last[endpoint] = self._latest = now
            done = self._done
            if now - self._told < _EVENT_SECONDS and done < self.wanted.size:
                return
            self._told = now
        self.sources.listener(BlobMoved("pull", self.wanted.digest.short, done, self.wanted.size, self._start))

    def end(self) -> None:
        """Tell who gave how much."""
        name = self.wanted.digest.short
        for endpoint, size in self._given.items():
            seconds = self._last[endpoint] - self._first[endpoint]
            self.sources.listener(Served(endpoint.host, name, size, seconds, endpoint.mirror))

    def distrust(self, *places: Endpoint) -> bool:
        """Say that bytes were wrong, of ``places`` or of all who gave some; True when somebody is left to ask."""
        return self.sources.distrust_blob(self.wanted.digest, places or tuple(self._given))

    def too_slow(self, answer: Answer, rate: float) -> bool:
        """Whether bytes a second from one place are so few that another one, which is well, had better go on."""
        session = self.sources.session
        rate *= max(1, session.connections.used)  # all connections share one way out
        others = [e.host for e in self.sources.order(avoid={*self.avoid, answer.endpoint})]
        known = [session.health.rate(host) for host in others if not session.health.rests(host)]
        return bool(known) and (rate < _SLOW or rate * _FAR_SLOWER < max(known))
