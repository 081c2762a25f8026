"""Calls of ptrace(2), and reading text from other processes' memory."""

from __future__ import annotations

import ctypes
import os

__all__ = ["Memory", "ptrace"]

_FIRST, _LONGEST = 256, 4096
_MOST = 256
_AF_UNIX = b"\x01"
_libc = ctypes.CDLL(None, use_errno=True)
_ptrace = _libc.ptrace
_ptrace.restype = ctypes.c_long
_ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)


def ptrace(request: int, pid: int, address: int, data: int) -> int:
    """ptrace(2). Raises OSError."""
    result = int(_ptrace(request, pid, address, data))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot follow process {pid}: {os.strerror(number)}")
    return result


class Memory:
    """Reads text from other processes' memory, each through a descriptor that is kept until the process ends."""

    def __init__(self) -> None:
        self._open: dict[int, int] = {}

    def forget(self, pid: int) -> None:
        """Let go of a process that has ended, or that has another memory now."""
        descriptor = self._open.pop(pid, -1)
        if descriptor >= 0:
            os.close(descriptor)

    def close(self) -> None:
        """Let go of all."""
        for pid in list(self._open):
            self.forget(pid)

    def read(self, pid: int, address: int, size: int = _FIRST) -> bytes:
        """The bytes at ``address`` up to a zero byte, 4096 at most; empty when nothing is there. Raises OSError."""
        descriptor = self._open.get(pid, -1)
        if descriptor < 0:
            if len(self._open) >= _MOST:
                self.close()
            descriptor = self._open[pid] = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = os.pread(descriptor, size, address)
        except (OSError, OverflowError):  # nothing is mapped there
            return b""
        end = data.find(0)
        if end >= 0:
            return data[:end]
        return self.read(pid, address, _LONGEST) if len(data) == size and size < _LONGEST else data

    def read_socket_path(self, pid: int, address: int) -> bytes:
        """The path in a socket's address; empty for one of another family or without a path."""
        return self.read(pid, address + 2) if self.read(pid, address)[:1] == _AF_UNIX else b""
