"""File locks: shared by those who work, exclusive for those who clean up.

A lock belongs to an open file, so threads of one process exclude each other as processes do; it ends with the process.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lissom.errors import StoreError

__all__ = ["acquire", "holders", "locked"]

_POLL = 0.02


@contextmanager
def locked(path: Path, *, shared: bool = False, patience: float = 60.0, purpose: str = "write") -> Iterator[int]:
    """Hold the lock on ``path``, made when missing; gives the open file. Raises StoreError when out of patience."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        acquire(descriptor, path, shared=shared, patience=patience, purpose=purpose)
        yield descriptor
    finally:
        os.close(descriptor)


def acquire(descriptor: int, path: Path, *, shared: bool, patience: float, purpose: str) -> None:
    """Take the lock, or change the one that is held. Raises StoreError after ``patience`` seconds."""
    operation = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(_POLL)
                continue
            who = ", ".join(holders(path)) or "a process that cannot be seen from here"
            raise StoreError(
                f"cannot {purpose} `{path.parent.parent}`: another lissom works in this store ({who})",
                hint="try again when it is done",
            ) from None
        return


def holders(path: Path) -> list[str]:
    """Who holds a lock on ``path``, this process aside, as ``process 12: lissom build .``; what the kernel tells."""
    status = path.stat()
    wanted = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        rows = [line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()]
    except OSError:
        return []
    pids = {row[4] for row in rows if "->" not in row and len(row) > 5 and row[5] == wanted}
    return [_described(pid) for pid in sorted(pids - {str(os.getpid())}, key=int)]


def _described(pid: str) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return f"process {pid}"
    return f"process {pid}: {' '.join(word for word in words if word)[:80]}"
