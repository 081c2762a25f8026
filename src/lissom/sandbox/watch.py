"""See which paths processes ask for: the kernel stops them at each call and waits until it was written down.

A seccomp filter with a listener (seccomp_unotify(2)) tells of every watched call of every process below the one that
installed it, from its first instruction on. Nothing can be lost: a call goes on only when it was answered. It needs no
more rights than the sandbox has, as root and in a user namespace alike.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Self

from lissom.errors import SandboxError
from lissom.sandbox.calls import ARCHITECTURES, Call, Finder, build_watch, calls_of

__all__ = ["Sighting", "Watcher"]

_RECEIVE, _SEND, _SET_FLAGS = 0xC0502100, 0xC0182101, 0x40082104
_SYNC_WAKE_UP, _CONTINUE = 1, 1
_NOTICE = struct.Struct("=QIIiIQ6Q")
_EMPTY = bytes(_NOTICE.size)
_ANSWER = struct.Struct("=QqiI")
_PAGE, _FIRST, _LONGEST = 4096, 256, 4096
_AT_FDCWD = 0xFFFFFF9C
_GONE = (errno.ESRCH, errno.ENOENT)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One path that a program asked for.

    ``kind``: ``open``, ``exec``, ``stat`` (its attributes, or whether it is there), ``readlink``, ``list`` (the entries
    of a directory) or ``make`` (made, renamed or removed). ``path`` is absolute and as the program meant it: links are
    not followed, ``..`` is not resolved. ``program`` is the path of its executable.
    """

    kind: str
    path: str
    program: str


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_uint64), ("length", ctypes.c_size_t))


class Watcher:
    """Writes down what the processes ask for that are started with it: one after another, or several at once.

    With ``every_call`` the names of all system calls are noted too, which slows processes down. ``profile`` is a filter
    that processes run under besides. ``close`` it, or use it as a context manager; ``sightings`` and ``calls`` are
    whole once the processes have ended.
    """

    def __init__(self, *, every_call: bool = False, profile: bytes = b"") -> None:
        self.profile = profile
        self.program = build_watch(os.uname().machine, every_call=every_call)
        if not self.program:
            raise SandboxError(f"cannot watch processes: system calls of {os.uname().machine} are not known")
        self.error: str | None = None
        self._seen: Counter[Sighting] = Counter()
        self._numbers: set[int] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def attend(self, channel: socket.socket) -> None:
        """Wait on ``channel`` for the listener of a process that starts, and serve it until its last process ends."""
        thread = threading.Thread(target=self._serve, args=(channel,), name="lissom-watch", daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """Wait until all processes that were watched have ended."""
        for thread in self._threads:
            thread.join()

    def sightings(self) -> dict[Sighting, int]:
        """What was seen, and how often. Raises SandboxError when something could not be read: it is not whole then."""
        if self.error is not None:
            raise SandboxError(
                f"cannot watch the container: {self.error}",
                hint="inside another container start that one with --privileged or --cap-add SYS_PTRACE",
            )
        return dict(self._seen)

    def calls(self) -> frozenset[str]:
        """Names of the system calls that were made; whole only with ``every_call``."""
        from lissom.sandbox.call_names import FREQUENT, NAMES  # noqa: PLC0415 - a long table that few need

        names = NAMES.get(os.uname().machine, {})
        seen = {names[number] for number in self._numbers if number in names}
        return frozenset(seen | (FREQUENT & set(names.values())))

    def _serve(self, channel: socket.socket) -> None:
        with channel:
            try:
                _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
            except OSError:
                return
        if not descriptors:
            return  # the process could not be started, and says so itself
        try:
            _Listener(descriptors[0], self._seen, self._numbers).serve()
        except OSError as error:
            self.error = f"{error.strerror or error}"
        finally:
            os.close(descriptors[0])


class _Listener:
    """One listener's processes."""

    def __init__(self, descriptor: int, seen: Counter[Sighting], numbers: set[int]) -> None:
        self._descriptor = descriptor
        self._seen = seen
        self._numbers = numbers
        machine = os.uname().machine
        self._calls = {ARCHITECTURES[m]: calls_of(m) for m in (machine, *(["i386"] if machine == "x86_64" else []))}
        self._native = ARCHITECTURES[machine]
        self._programs: dict[int, str] = {}
        self._changed_root = False
        self._memory = _Memory()

    def serve(self) -> None:
        descriptor, buffer = self._descriptor, bytearray(_NOTICE.size)
        with contextlib.suppress(OSError):  # before Linux 6.6 the two processes may land on different processors
            fcntl.ioctl(descriptor, _SET_FLAGS, _SYNC_WAKE_UP)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while True:
            ready = poll.poll()
            if not ready[0][1] & select.POLLIN:
                return
            buffer[:] = _EMPTY
            try:
                fcntl.ioctl(descriptor, _RECEIVE, buffer)
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.EINTR):
                    continue
                raise
            token, pid, _, number, machine, _, *arguments = _NOTICE.unpack(buffer)
            try:
                self._note(pid, number, machine, arguments)
            finally:
                self._answer(token)

    def _answer(self, token: int) -> None:
        try:
            fcntl.ioctl(self._descriptor, _SEND, _ANSWER.pack(token, 0, 0, _CONTINUE))
        except OSError as error:
            if error.errno not in _GONE:
                raise

    def _note(self, pid: int, number: int, machine: int, arguments: list[int]) -> None:
        if machine == self._native:
            self._numbers.add(number)
        call = self._calls.get(machine, {}).get(number)
        if call is None:
            return
        self._changed_root = self._changed_root or call.name == "chroot"
        try:
            for finder in call.finders:
                path = self._path(pid, finder, arguments)
                if path:
                    self._seen[Sighting(call.kind, path, self._program(pid, call))] += 1
        except OSError as error:
            if error.errno not in _GONE:  # the process was killed meanwhile
                raise

    def _path(self, pid: int, finder: Finder, arguments: list[int]) -> str:
        if finder.descriptor >= 0:
            return self._real(os.readlink(f"/proc/{pid}/fd/{arguments[finder.descriptor] & 0xFFFFFFFF}"))
        data = self._memory.read(pid, arguments[finder.address], skip=2 if finder.socket else 0)
        if finder.socket and data[:2] != b"\x01\x00":
            return ""
        path = os.fsdecode(data[2:] if finder.socket else data)
        if not path or (path[0] != "/" and path[0] == "\0"):
            return ""
        if path[0] == "/":
            return f"{os.readlink(f'/proc/{pid}/root').rstrip('/')}{path}" if self._changed_root else path
        base = arguments[finder.directory] & 0xFFFFFFFF if finder.directory >= 0 else _AT_FDCWD
        where = "cwd" if base == _AT_FDCWD else f"fd/{base}"
        return f"{self._real(os.readlink(f'/proc/{pid}/{where}')).rstrip('/')}/{path}"

    def _real(self, link: str) -> str:
        """What a link in /proc says; sockets and pipes are no paths."""
        return link if link.startswith("/") else ""

    def _program(self, pid: int, call: Call) -> str:
        program = self._programs.get(pid) or os.readlink(f"/proc/{pid}/exe")
        if call.kind == "exec":  # the next call may be another program's
            self._programs.pop(pid, None)
        else:
            self._programs[pid] = program
        return program


class _Memory:
    """Reads text from other processes' memory."""

    def __init__(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._read = libc.process_vm_readv
        self._read.restype = ctypes.c_ssize_t
        self._read.argtypes = (
            ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong,
        )  # fmt: skip
        self._buffer = ctypes.create_string_buffer(_LONGEST + 1)
        self._near = _Vector(ctypes.addressof(self._buffer), 0)
        self._far = _Vector(0, 0)
        self._near_at, self._far_at = ctypes.addressof(self._near), ctypes.addressof(self._far)

    def read(self, pid: int, address: int, *, skip: int = 0) -> bytes:
        """The bytes at ``address`` up to a zero byte after the first ``skip``; empty when nothing is there."""
        text, want = b"", _FIRST
        while len(text) < _LONGEST:
            size = min(want, _PAGE - address % _PAGE)
            self._far.base, self._far.length, self._near.length = address, size, size
            count = self._read(pid, self._near_at, 1, self._far_at, 1, 0)
            if count < 0:
                number = ctypes.get_errno()
                if number in (errno.EFAULT, errno.EIO):
                    return b""
                raise OSError(number, f"cannot read the memory of process {pid}: {os.strerror(number)}")
            text += self._buffer.raw[:count] if count > _FIRST else ctypes.string_at(self._near.base, count)
            end = text.find(b"\0", skip)
            if end >= 0:
                return text[:end]
            if count < size:
                return text
            address, want = address + count, _PAGE
        return text[:_LONGEST]
