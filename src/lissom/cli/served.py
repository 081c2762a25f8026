"""Which host gave what: counted while blobs arrive, shown as a table or as JSON."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lissom.events import Event, Listener, Served
from lissom.report.harmless import harmless
from lissom.report.terminal import size, table

__all__ = ["Givers"]


@dataclass
class _Given:
    mirror: bool
    size: int = 0
    blobs: set[str] = field(default_factory=set)
    spans: list[tuple[float, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long it was giving: several blobs at once count once."""
        total, until = 0.0, 0.0
        for begin, end in sorted(self.spans):
            total += max(0.0, end - max(begin, until))
            until = max(until, end)
        return total

    @property
    def rate(self) -> float:
        """Bytes a second."""
        return self.size / max(self.seconds, 0.001)


class Givers:
    """A listener in front of another one, which counts what each host served."""

    def __init__(self, listener: Listener, clock: Callable[[], float] = time.monotonic) -> None:
        self._listener = listener
        self._clock = clock
        self._lock = threading.Lock()
        self._hosts: dict[str, _Given] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Served):
            now = self._clock()
            with self._lock:
                given = self._hosts.setdefault(event.host, _Given(event.mirror))
                given.size += event.size
                given.blobs.add(event.name)
                given.spans.append((now - event.seconds, now))
        self._listener(event)

    def rows(self) -> list[dict[str, Any]]:
        """For each host its name, whether it is a mirror, blobs, bytes, seconds, bytes a second; most bytes first."""
        found = sorted(self._hosts.items(), key=lambda item: (-item[1].size, item[0]))
        return [
            {
                "host": host,
                "mirror": given.mirror,
                "blobs": len(given.blobs),
                "bytes": given.size,
                "seconds": round(given.seconds, 3),
                "bytesPerSecond": round(given.rate),
            }
            for host, given in found
        ]

    def text(self) -> str:
        """The same as a table."""
        lines = [
            [
                harmless(row["host"]) + (" (mirror)" if row["mirror"] else ""),
                str(row["blobs"]),
                size(row["bytes"]),
                f"{row['seconds']:.1f}s",
                f"{size(row['bytesPerSecond'])}/s",
            ]
            for row in self.rows()
        ]
        return table(["SERVED BY", "BLOBS", "BYTES", "TIME", "RATE"], lines)
