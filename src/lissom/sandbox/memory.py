"""Calls of ptrace(2), and reading text from other processes' memory."""

from __future__ import annotations

import ctypes
import errno
import os

__all__ = ["Memory", "ptrace"]

_PAGE, _FIRST, _LONGEST = 4096, 256, 4096
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


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_uint64), ("length", ctypes.c_size_t))


class Memory:
    """Reads text from other processes' memory."""

    def __init__(self) -> None:
        self._read = _libc.process_vm_readv
        self._read.restype = ctypes.c_ssize_t
        self._read.argtypes = (
            ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong,
        )  # fmt: skip
        self._buffer = ctypes.create_string_buffer(_LONGEST + 1)
        self._near = _Vector(ctypes.addressof(self._buffer), 0)
        self._far = _Vector(0, 0)
        self._near_at, self._far_at = ctypes.addressof(self._near), ctypes.addressof(self._far)

    def read(self, pid: int, address: int) -> bytes:
        """The bytes at ``address`` up to a zero byte, 4096 at most; empty when nothing is there. Raises OSError."""
        size = _PAGE - address % _PAGE
        text = self._piece(pid, address, min(_FIRST, size))
        if text is None:
            return b""
        whole, ended = text
        while not ended and len(whole) < _LONGEST:
            here = address + len(whole)
            more = self._piece(pid, here, _PAGE - here % _PAGE)
            if more is None:
                break
            whole, ended = whole + more[0], more[1]
        return whole[:_LONGEST]

    def read_socket_path(self, pid: int, address: int) -> bytes:
        """The path in a socket's address; empty for one of another family or without a path."""
        return self.read(pid, address + 2) if self.read(pid, address)[:1] == _AF_UNIX else b""

    def _piece(self, pid: int, address: int, size: int) -> tuple[bytes, bool] | None:
        """What is before a zero byte in ``size`` bytes, and whether there was one; None when nothing is mapped."""
        self._far.base, self._far.length, self._near.length = address, size, size
        count = self._read(pid, self._near_at, 1, self._far_at, 1, 0)
        if count < 0:
            number = ctypes.get_errno()
            if number in (errno.EFAULT, errno.EIO):
                return None
            raise OSError(number, f"cannot read the memory of process {pid}: {os.strerror(number)}")
        self._buffer[count] = b"\0"
        text = self._buffer.value
        return text, len(text) < count
