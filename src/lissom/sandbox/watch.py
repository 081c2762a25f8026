"""See which paths processes ask for: each stops at such a call and waits until it was written down.

A seccomp filter stops a process at watched calls only (SECCOMP_RET_TRACE), so all else runs at full speed. Each process
and thread that comes of it is followed from its first instruction on; nothing can be lost, since none goes on before it
was answered. It needs no more rights than the sandbox has, as root and in a user namespace alike. A listener
(seccomp_unotify) would do without ptrace, but lets signals break off the calls that it has not received yet.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal as signals
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from lissom.errors import SandboxError
from lissom.sandbox.calls import ARCHITECTURES, Call, Finder, build_watch, calls_of
from lissom.sandbox.memory import Memory, ptrace

__all__ = ["Sighting", "Watcher"]

_SEIZE, _CONT, _LISTEN, _GET_SYSCALL_INFO = 0x4206, 7, 0x4208, 0x420E
_STOPPED, _EVENT_EXEC, _EVENT_SECCOMP, _EVENT_STOP = 0x7F, 4, 7, 128
_OPTIONS = 0x02 | 0x04 | 0x08 | 0x10 | 0x80 | 0x100000
"""Forks, vforks and clones are followed, executions and watched calls told; all is killed with the tracer."""
_WALL, _WNOTHREAD = 0x40000000, 0x20000000
_STOPS = frozenset((signals.SIGSTOP, signals.SIGTSTP, signals.SIGTTIN, signals.SIGTTOU))
_CALL = struct.Struct("=B3xIQQQ6QI4x")
_CREDENTIALS = struct.Struct("=iII")
_AT_FDCWD = 0xFFFFFF9C
_SYMLINKS = ("symlink", "symlinkat")
_CREATING = {"open": 1, "openat": 2}
"""Calls that make a file when one of the flags in this argument says so."""
_LINKING = frozenset((*_SYMLINKS, "rename", "renameat", "renameat2"))


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
        self._links: dict[str, str] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @staticmethod
    def channel() -> tuple[socket.socket, socket.socket]:
        """Two ends: one to ``attend``, one for a process that starts, which the first can tell the number of."""
        near, far = socket.socketpair()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        return near, far

    def attend(self, channel: socket.socket) -> None:
        """Wait on ``channel`` for a process that starts, and follow it and all it starts until the last one ends."""
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

    def links(self) -> dict[str, str]:
        """Symbolic links that were made, by absolute path, and what they were made to hold."""
        return dict(self._links)

    def calls(self) -> frozenset[str]:
        """Names of the system calls that were made; whole only with ``every_call``."""
        from lissom.sandbox.call_names import FREQUENT, NAMES  # noqa: PLC0415 - a long table that few need

        names = NAMES.get(os.uname().machine, {})
        seen = {names[number] for number in self._numbers if number in names}
        return frozenset(seen | (FREQUENT & set(names.values())))

    def _serve(self, channel: socket.socket) -> None:
        with channel:
            pid = _greeting(channel)
            if not pid:
                return  # the process could not be started, and says so itself
            try:
                _Tracer(self._seen, self._numbers, self._links).serve(pid, lambda: channel.sendall(b"g"))
            except OSError as error:
                self.error = f"{error.strerror or error}"


def _greeting(channel: socket.socket) -> int:
    """The number of the process that waits at the other end of ``channel``; 0 when there is none."""
    try:
        _, ancillary, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    except OSError:
        return 0
    return int(_CREDENTIALS.unpack(ancillary[0][2])[0]) if ancillary else 0


class _Tracer:
    """All processes that come of one: follows each from its first instruction to its end."""

    def __init__(self, seen: Counter[Sighting], numbers: set[int], links: dict[str, str]) -> None:
        self._seen = seen
        self._links = links
        self._counts: dict[tuple[str, str, str], int] = {}
        self._numbers = numbers
        machine = os.uname().machine
        self._calls = {ARCHITECTURES[m]: calls_of(m) for m in (machine, *(["i386"] if machine == "x86_64" else []))}
        self._native = ARCHITECTURES[machine]
        self._programs: dict[int, str] = {}
        self._changed_root = False
        self._memory = Memory()
        self._buffer = ctypes.create_string_buffer(_CALL.size)
        self._at = ctypes.addressof(self._buffer)

    def serve(self, pid: int, begin: Callable[[], object]) -> None:
        """Take hold of ``pid``, let it ``begin``, and return when the last process has ended."""
        with contextlib.suppress(OSError):  # whoever is watched waits for this thread: it goes first, where it may
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -20)
        ptrace(_SEIZE, pid, 0, _OPTIONS)
        begin()
        try:
            self._follow()
        finally:
            self._memory.close()
            for (kind, path, program), count in self._counts.items():
                self._seen[Sighting(kind, path, program)] += count

    def _follow(self) -> None:
        flags = _WALL | _WNOTHREAD
        while True:
            try:
                pid, status = os.waitpid(-1, flags)
            except ChildProcessError:
                return
            if status & 0xFF != _STOPPED:
                self._programs.pop(pid, None)
                self._memory.forget(pid)
                continue
            try:
                if status >> 16 == _EVENT_SECCOMP:
                    self._note(pid)
                    ptrace(_CONT, pid, 0, 0)
                else:
                    self._let_go_on(pid, status >> 16, status >> 8 & 0xFF)
            except ProcessLookupError:
                continue  # it was killed meanwhile

    def _let_go_on(self, pid: int, event: int, signal: int) -> None:
        """After a stop that tells of no call: a signal is delivered, a stop of the process itself stays one."""
        if event == _EVENT_EXEC:
            self._programs.pop(pid, None)
            self._memory.forget(pid)
        if event == _EVENT_STOP and signal in _STOPS:
            ptrace(_LISTEN, pid, 0, 0)
        else:
            ptrace(_CONT, pid, 0, 0 if event else signal)

    def _note(self, pid: int) -> None:
        ptrace(_GET_SYSCALL_INFO, pid, _CALL.size, self._at)
        _, machine, _, _, number, *arguments, _ = _CALL.unpack_from(self._buffer)
        if machine == self._native:
            self._numbers.add(number)
        call = self._calls.get(machine, {}).get(number)
        if call is None:
            return
        self._changed_root = self._changed_root or call.name == "chroot"
        try:
            program = self._programs.get(pid) or self._program(pid)
            for finder in call.finders:
                path = self._path(pid, finder, arguments)
                if path:
                    key = (call.kind, path, program)
                    self._counts[key] = self._counts.get(key, 0) + 1
            if call.name in _LINKING:
                self._note_link(pid, call, arguments)
            if call.name in _CREATING and arguments[_CREATING[call.name]] & os.O_CREAT and path:
                key = ("make", path, program)
                self._counts[key] = self._counts.get(key, 0) + 1
        except FileNotFoundError:
            pass  # it was killed meanwhile

    def _note_link(self, pid: int, call: Call, arguments: list[int]) -> None:
        """A link that is made, or that gets another name as `ln -sf` gives it one."""
        paths = [self._path(pid, finder, arguments) for finder in call.finders]
        if call.name in _SYMLINKS:
            self._links[paths[0]] = os.fsdecode(self._memory.read(pid, arguments[0]))
        elif paths[0] in self._links:
            self._links[paths[1]] = self._links.pop(paths[0])

    def _path(self, pid: int, finder: Finder, arguments: list[int]) -> str:
        if finder.address < 0:
            return _real(f"/proc/{pid}/fd/{arguments[finder.descriptor] & 0xFFFFFFFF}")
        if finder.socket:
            data = self._memory.read_socket_path(pid, arguments[finder.address])
        else:
            data = self._memory.read(pid, arguments[finder.address])
        path = os.fsdecode(data)
        if path[:1] == "/":
            return f"{_real(f'/proc/{pid}/root').rstrip('/')}{path}" if self._changed_root else path
        if not path:
            return ""
        base = arguments[finder.directory] & 0xFFFFFFFF if finder.directory >= 0 else _AT_FDCWD
        where = _real(f"/proc/{pid}/cwd" if base == _AT_FDCWD else f"/proc/{pid}/fd/{base}")
        return f"{where.rstrip('/')}/{path}" if where else ""

    def _program(self, pid: int) -> str:
        program = self._programs[pid] = os.readlink(f"/proc/{pid}/exe")
        return program


def _real(link: str) -> str:
    """What a link in /proc leads to; empty for what has no path, such as a socket, and where nothing is."""
    try:
        path = os.readlink(link)
    except FileNotFoundError:
        return ""
    return path if path.startswith("/") else ""
