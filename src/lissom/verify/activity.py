"""Whether processes are at work: how much processor time a process and all it started have used."""

from __future__ import annotations

import os
from contextlib import suppress

__all__ = ["processor_time"]

_MOST = 10_000
_TICKS = os.sysconf("SC_CLK_TCK")


def processor_time(pid: int) -> float:
    """Seconds that the process, its children that live and those it waited for have used; 0 when it is gone."""
    ticks, todo, seen = 0, [pid], 0
    while todo and seen < _MOST:
        process, seen = todo.pop(), seen + 1
        with suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
                ticks += sum(map(int, file.read().rpartition(")")[2].split()[11:15]))
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children", encoding="utf-8") as file:
                    todo += map(int, file.read().split())
    return ticks / _TICKS
