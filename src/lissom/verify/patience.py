"""How long to wait for what."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Patience"]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for one request, one command, one script, and until a stop signal is followed by SIGKILL.

    ``factor`` stretches what probes say themselves: how long an instance may take to be ready and to stop.
    """

    request: float = 30
    command: float = 120
    script: float = 600
    stop: float = 10
    factor: float = 1

    def times(self, factor: float) -> Patience:
        """The same for a machine that is slower."""
        return Patience(
            self.request * factor, self.command * factor, self.script * factor, self.stop * factor, self.factor * factor
        )
