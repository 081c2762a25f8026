"""Waiting before another try, for as long as the work is not given up."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from lissom.errors import RegistryError

__all__ = ["Pauses"]


class Pauses:
    """Pauses of any number of threads. ``wait`` takes the place of waiting, for tests."""

    def __init__(self, wait: Callable[[float], None] | None = None) -> None:
        self._wait = wait
        self._change = Condition()
        self._broken = 0

    def sleep(self, seconds: float) -> None:
        """Wait so long. Raises RegistryError when somebody breaks it off."""
        if self._wait:
            self._wait(seconds)
            return
        with self._change:
            before = self._broken
            if self._change.wait_for(lambda: self._broken != before, seconds):
                raise RegistryError("cannot go on: the transfer was stopped")

    def break_off(self) -> None:
        """End all pauses that are under way; later ones are not touched."""
        with self._change:
            self._broken += 1
            self._change.notify_all()
