"""How many connections the blobs of one command may have at once."""

from __future__ import annotations

from threading import Lock

__all__ = ["Connections"]


class Connections:
    """A budget that threads share. Every blob has one connection; large ones take what is free beside."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._lock = Lock()

    def join(self) -> None:
        """Count one connection that is needed in any case."""
        with self._lock:
            self.used += 1

    def spare(self) -> bool:
        """Count one connection more, if one is free."""
        with self._lock:
            free = self.used < self.limit
            self.used += free
            return free

    def free(self) -> bool:
        """Whether one is free just now."""
        with self._lock:
            return self.used < self.limit

    def crowded(self) -> bool:
        """Whether more are in use than there should be, so that who can had better leave."""
        with self._lock:
            return self.used > self.limit

    def leave(self) -> None:
        """Give one back."""
        with self._lock:
            self.used -= 1
