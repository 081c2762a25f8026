"""One process in a root file system: what it sees, how to start it, how to do it again by hand."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lissom.errors import SandboxError
from lissom.sandbox.mounts import Bind, FileMount, Layers, Limits, Mount, Tmpfs
from lissom.sandbox.spec import Process, describe

if TYPE_CHECKING:
    from lissom.sandbox.watch import Watcher

__all__ = [
    "Bind",
    "FileMount",
    "Layers",
    "Limits",
    "Mount",
    "Process",
    "Running",
    "Tmpfs",
    "replay",
    "run",
    "start",
]

_PACKAGES = Path(__file__).parents[2]
_START = "import sys; sys.path.insert(0, {!r}); from lissom.sandbox.init import main; main(*map(int, sys.argv[1:]))"
_POLL = 0.1


class Running:
    """A process that was started. ``wait`` must be called once; ``signal`` and ``kill`` work from any thread."""

    def __init__(self, process: Process, watch: Watcher | None = None) -> None:
        self._process = process
        self._pid, self._begun = 0, False
        self._settled = threading.Event()
        self._lock = threading.Lock()
        self._pidfd = -1
        self._error: dict[str, Any] | None = None
        self.console: int | None = None
        spec = describe(process)
        self._events, events_write = os.pipe()
        far: socket.socket | None = None
        if process.terminal:
            self._channel, far = socket.socketpair()
        notices = watch.channel() if watch else None
        if watch and notices:
            spec["watch"] = {"channel": notices[1].fileno(), "program": b64encode(watch.program).decode()}
            spec["profile"] = b64encode(watch.profile).decode()
        spec_read = _memory_file(json.dumps(spec).encode())
        descriptors = [spec_read, events_write, *([far.fileno()] if far else [])]
        try:
            self._child = subprocess.Popen(
                [*_python(), *map(str, descriptors)],
                stdin=subprocess.DEVNULL if process.stdin is None else process.stdin,
                stdout=subprocess.DEVNULL if far else subprocess.PIPE,
                stderr=subprocess.DEVNULL if far else subprocess.PIPE,
                pass_fds=[*descriptors, *([notices[1].fileno()] if notices else [])],
                cwd="/",
                env={},
                process_group=0,
            )
        finally:
            os.close(spec_read)
            os.close(events_write)
            if far:
                far.close()
            if notices:
                notices[1].close()
        if watch and notices:
            watch.attend(notices[0])
        if far:
            self._receive_console()

    def _receive_console(self) -> None:
        _, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
        self.console = descriptors[0] if descriptors else None

    def resume(self) -> None:
        """Let a process with a terminal go on: its window size is set by now."""
        with contextlib.suppress(OSError):
            self._channel.sendall(b"\0")
        self._channel.close()

    @property
    def pid(self) -> int:
        """The process's number as seen from here, once its namespaces are made; 0 when they could not be.

        It waits for that, so ``wait`` must be under way in another thread.
        """
        self._settled.wait()
        return 0 if self._error else self._pid

    def signal(self, number: int) -> None:
        """Send a signal to the process; nothing happens when it has ended or has not begun."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self._pidfd >= 0:
                signal.pidfd_send_signal(self._pidfd, signal.Signals(number))

    def kill(self) -> None:
        """End the process and everything it started."""
        self._child.terminate()

    def wait(self, on_output: Callable[[int, bytes], None], *, stop: threading.Event | None = None) -> int:
        """The exit status (128 + n for signal n), after all output. ``stop`` kills the process when it is set.

        Raises SandboxError when the sandbox could not be made. A command that cannot be executed gives 126 or 127
        and a line on stream 2.
        """
        try:
            self._pump(on_output, stop)
        except BaseException:
            self.kill()
            raise
        finally:
            status = self._child.wait()
            for stream in (self._child.stdout, self._child.stderr):
                if stream:
                    stream.close()
            os.close(self._events)
            if self.console is not None:
                os.close(self.console)
            with self._lock:
                if self._pidfd >= 0:
                    os.close(self._pidfd)
                self._pidfd = -1
            self._settled.set()
        if self._error is None:
            return status if status >= 0 else 128 - status
        if self._error["status"] in (126, 127):
            on_output(2, f"{self._error['error']}\n".encode(errors="surrogateescape"))
            return int(self._error["status"])
        raise _explain(self._error, self._process)

    def _pump(self, on_output: Callable[[int, bytes], None], stop: threading.Event | None) -> None:
        told = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._events, selectors.EVENT_READ, 0)
            for stream, pipe in ((1, self._child.stdout), (2, self._child.stderr), (1, self.console)):
                if pipe is not None:
                    selector.register(pipe, selectors.EVENT_READ, stream)
            while selector.get_map():
                for key, _ in selector.select(_POLL if stop else None):
                    data = _read(key.fd)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.data:
                        on_output(key.data, data)
                    else:
                        told = self._listen(told + data)
                if stop and stop.is_set():
                    self.kill()
                    stop = None

    def _listen(self, data: bytes) -> bytes:
        *lines, rest = data.split(b"\n")
        for line in lines:
            event = json.loads(line)
            if "error" in event:
                self._error = event
            elif "begun" in event:
                self._begun = True
            else:
                self._pid = event["pid"]
                with self._lock, contextlib.suppress(OSError):
                    self._pidfd = os.pidfd_open(event["pid"])
            if self._begun and self._pid:  # two processes tell of them, in either order
                self._settled.set()
        return rest


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError as error:
        if error.errno == errno.EIO:  # a terminal whose other side nobody holds any more
            return b""
        raise


def start(process: Process, *, watch: Watcher | None = None) -> Running:
    """Start ``process`` and return while it runs. It is killed when the calling thread ends.

    ``watch`` sees what it, and all that it starts, asks for.
    """
    return Running(process, watch)


def run(process: Process, on_output: Callable[[int, bytes], None], *, stop: threading.Event | None = None) -> int:
    """Run ``process`` to its end; see ``Running.wait``. ``on_output`` gets 1 (stdout) or 2 (stderr) and raw bytes."""
    return start(process).wait(on_output, stop=stop)


def replay(process: Process) -> str:
    """A shell command that runs ``process`` again; changes go nowhere unless ``upper`` is given.

    The data of secret files and the values of ``hidden`` variables are not shown: they are empty there. As a script
    it takes another command as its arguments.
    """
    spec = describe(process)
    for mount in spec["mounts"]:
        if mount.pop("secret", False):
            mount["data"] = ""
    spec["env"] = {name: "" if name in process.hidden else value for name, value in process.env.items()}
    words = shlex.join([sys.executable, "-m", "lissom.sandbox.init"])
    return f"{words} \"$@\" 3<<'LISSOM'\n{json.dumps(spec)}\nLISSOM"


def _python() -> list[str]:
    return [sys.executable, "-I", "-S", "-E", "-c", _START.format(os.fspath(_PACKAGES))]


def _memory_file(data: bytes) -> int:
    descriptor = os.memfd_create("spec")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _explain(event: Mapping[str, Any], process: Process) -> SandboxError:
    message = str(event["error"])
    hint: str | None = None
    if event["errno"] == errno.EPERM:
        hint = (
            "containers need root or a user namespace; inside another container start that one with "
            "--privileged, or with --cap-add SYS_ADMIN --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined"
        )
    elif event["errno"] == errno.EINVAL and "overlay" in message and process.upper:
        hint = (
            f"the file system of {process.upper} cannot hold an overlay's upper directory; "
            "give --root a directory on ext4, xfs, btrfs or tmpfs (in a container: a volume)"
        )
    elif event["errno"] == errno.ENODEV:
        hint = "load the kernel's overlay module: modprobe overlay"
    elif event["errno"] == errno.ENOSPC and "namespace" in message:
        hint = "allow more namespaces: sysctl -w user.max_user_namespaces=15000"
    return SandboxError(f"cannot run `{process.argv[0]}`: {message.removeprefix('cannot ')}", hint=hint)
