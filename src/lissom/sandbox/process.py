"""One process in a root file system: what it sees, how to start it, how to do it again by hand."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lissom.errors import SandboxError, UsageError
from lissom.rootfs.ownership import Ownership
from lissom.sandbox import capabilities
from lissom.sandbox.seccomp import build_filter

__all__ = ["Bind", "FileMount", "Layers", "Limits", "Mount", "Process", "Running", "Tmpfs", "replay", "run", "start"]

_PACKAGES = Path(__file__).parents[2]
_START = "import sys; sys.path.insert(0, {!r}); from lissom.sandbox.init import main; main(*map(int, sys.argv[1:]))"
_POLL = 0.1


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or directory of this machine."""

    source: Path
    target: str
    readonly: bool = False


@dataclass(frozen=True, slots=True)
class Layers:
    """A view of stacked directories (bottom first), or of ``subtree`` in it. What is written to it is thrown away."""

    lowers: tuple[Path, ...]
    subtree: str
    target: str
    readonly: bool = True


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """Memory; ``size`` in bytes, None for what the kernel gives (half of the memory)."""

    target: str
    size: int | None = None
    mode: int = 0o1777
    exec: bool = True


@dataclass(frozen=True, slots=True)
class FileMount:
    """A file that exists for the process only. ``replay`` never shows its data when it is ``secret``."""

    target: str
    data: bytes
    mode: int = 0o444
    uid: int = 0
    gid: int = 0
    readonly: bool = True
    secret: bool = True


Mount = Bind | Layers | Tmpfs | FileMount


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits by name (``nofile``): soft and hard value, -1 for none."""

    values: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def parse(cls, words: tuple[str, ...]) -> Limits:
        """Parse docker's form, ``nofile=1024:2048``; raises UsageError."""
        found: dict[str, tuple[int, int]] = {}
        for word in words:
            name, _, value = word.partition("=")
            soft, _, hard = value.partition(":")
            if not hasattr(resource, f"RLIMIT_{name.upper()}"):
                raise UsageError(f"cannot set limit `{word}`: there is none named `{name}`")
            try:
                found[name.lower()] = (int(soft), int(hard or soft))
            except ValueError as error:
                raise UsageError(f"cannot set limit `{word}`: it is not NAME=SOFT[:HARD]") from error
        return cls(tuple((name, *pair) for name, pair in sorted(found.items())))


@dataclass(frozen=True)
class Process:
    """A fully resolved command. Needs root in this or an entered user namespace (``userns.enter``).

    ``lowers`` are directories in overlay form, bottom first; what the process changes lands in ``upper`` (``work`` is
    its empty neighbour on the same file system), or nowhere when that is None. ``network`` is ``host`` or ``none``.
    ``env`` is given as it is; PATH and HOME are added when they lack. ``stdin`` is a descriptor or None.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    lowers: tuple[Path, ...]
    cwd: str = "/"
    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    upper: Path | None = None
    work: Path | None = None
    readonly: bool = False
    mounts: tuple[Mount, ...] = ()
    network: str = "host"
    hostname: str = "buildkitsandbox"
    hosts: tuple[tuple[str, str], ...] = ()
    shm_size: int = 64 << 20
    limits: Limits = field(default_factory=Limits)
    capabilities: frozenset[str] = capabilities.DEFAULT
    ownership: Ownership = Ownership.KERNEL
    terminal: bool = False
    init: bool = False
    stdin: int | None = None


class Running:
    """A process that was started. ``wait`` must be called once; ``signal`` and ``kill`` work from any thread."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._pidfd = -1
        self._error: dict[str, Any] | None = None
        self.console: int | None = None
        spec = json.dumps(_spec(process)).encode()
        spec_read = _memory_file(spec)
        self._events, events_write = os.pipe()
        far: socket.socket | None = None
        if process.terminal:
            self._channel, far = socket.socketpair()
        descriptors = [spec_read, events_write, *([far.fileno()] if far else [])]
        try:
            self._child = subprocess.Popen(
                [*_python(), *map(str, descriptors)],
                stdin=subprocess.DEVNULL if process.stdin is None else process.stdin,
                stdout=subprocess.DEVNULL if far else subprocess.PIPE,
                stderr=subprocess.DEVNULL if far else subprocess.PIPE,
                pass_fds=descriptors,
                cwd="/",
                env={},
            )
        finally:
            os.close(spec_read)
            os.close(events_write)
            if far:
                far.close()
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
            with self._lock:
                if self._pidfd >= 0:
                    os.close(self._pidfd)
                self._pidfd = -1
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
            for stream, pipe in ((1, self._child.stdout), (2, self._child.stderr)):
                if pipe:
                    selector.register(pipe, selectors.EVENT_READ, stream)
            while selector.get_map():
                for key, _ in selector.select(_POLL if stop else None):
                    data = os.read(key.fd, 65536)
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
            else:
                with self._lock, contextlib.suppress(OSError):
                    self._pidfd = os.pidfd_open(event["pid"])
        return rest


def start(process: Process) -> Running:
    """Start ``process`` and return while it runs."""
    return Running(process)


def run(process: Process, on_output: Callable[[int, bytes], None], *, stop: threading.Event | None = None) -> int:
    """Run ``process`` to its end; see ``Running.wait``. ``on_output`` gets 1 (stdout) or 2 (stderr) and raw bytes."""
    return start(process).wait(on_output, stop=stop)


def replay(process: Process) -> str:
    """A shell command, for root, that runs ``process`` again; changes go nowhere unless ``upper`` is given.

    The data of secret files is not shown: they are empty there.
    """
    spec = _spec(process)
    for mount in spec["mounts"]:
        if mount.pop("secret", False):
            mount["data"] = ""
    words = shlex.join([*_python(), "3", "2"])
    return f"{words} 3<<'LISSOM'\n{json.dumps(spec)}\nLISSOM"


def _python() -> list[str]:
    return [sys.executable, "-I", "-S", "-E", "-c", _START.format(os.fspath(_PACKAGES))]


def _memory_file(data: bytes) -> int:
    descriptor = os.memfd_create("spec")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _spec(process: Process) -> dict[str, Any]:
    single = process.ownership is Ownership.RECORDED
    privileged = "SYS_ADMIN" in process.capabilities
    return {
        "argv": process.argv,
        "env": dict(process.env),
        "cwd": process.cwd,
        "uid": process.uid,
        "gid": process.gid,
        "groups": sorted({process.gid, *process.groups}),
        "lowers": [os.fspath(path.absolute()) for path in process.lowers],
        "upper": _writable(process),
        "readonly": process.readonly,
        "mounts": _mounts(process),
        "network": process.network,
        "hostname": process.hostname,
        "shm_size": process.shm_size,
        "limits": {getattr(resource, f"RLIMIT_{name.upper()}"): pair for name, *pair in process.limits.values},
        "capabilities": capabilities.mask(process.capabilities),
        "seccomp": "" if privileged else build_filter(emulate_root=single).hex(),
        "nested": is_nested(),
        "single_id": single,
        "init": process.init,
    }


def _writable(process: Process) -> list[str] | None:
    if process.upper is None or process.work is None:
        return None
    return [os.fspath(process.upper.absolute()), os.fspath(process.work.absolute())]


def is_nested() -> bool:
    """Whether this process is in a user namespace of its own: the kernel refuses devices and trusted xattrs there."""
    words = Path("/proc/self/uid_map").read_text(encoding="ascii").split()
    return words != ["0", "0", "4294967295"]


def _mounts(process: Process) -> list[dict[str, Any]]:
    hosts = ["127.0.0.1\tlocalhost " + process.hostname, "::1\tlocalhost ip6-localhost ip6-loopback"]
    hosts += [f"{address}\t{name}" for name, address in process.hosts]
    files: list[Mount] = [
        FileMount("/etc/hosts", "".join(f"{line}\n" for line in hosts).encode(), 0o644, secret=False),
        FileMount("/etc/resolv.conf", _resolvers(), 0o644, secret=False),
    ]
    described = [_describe(mount) for mount in (*files, *process.mounts)]
    if process.ownership is Ownership.RECORDED:  # apt's own user does not exist where there is one identity
        parts = "etc/apt/apt.conf.d"
        if any((lower / parts).is_dir() for lower in process.lowers):
            root = FileMount(f"/{parts}/zz-one-identity", b'APT::Sandbox::User "root";\n', secret=False)
            described.append(_describe(root))
    return sorted(described, key=lambda mount: mount["target"].rstrip("/").count("/"))


def _resolvers() -> bytes:
    try:
        return Path("/etc/resolv.conf").read_bytes()
    except OSError:
        return b""


def _describe(mount: Mount) -> dict[str, Any]:
    match mount:
        case Bind(source, target, readonly):
            return {
                "type": "bind", "lowers": [os.fspath(source.absolute())], "target": target, "readonly": readonly,
            }  # fmt: skip
        case Layers(lowers, subtree, target, readonly):
            return {
                "type": "layers", "lowers": [os.fspath(path.absolute()) for path in lowers], "subtree": subtree,
                "target": target, "readonly": readonly,
            }  # fmt: skip
        case Tmpfs(target, size, mode, exec_):
            return {"type": "tmpfs", "target": target, "size": size, "mode": mode, "exec": exec_}
        case FileMount():
            return {
                "type": "file", "target": mount.target, "data": b64encode(mount.data).decode(), "mode": mount.mode,
                "uid": mount.uid, "gid": mount.gid, "readonly": mount.readonly, "secret": mount.secret,
            }  # fmt: skip


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
