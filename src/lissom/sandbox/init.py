"""The sandbox's own process: reads a spec, makes the namespaces, becomes the command.

Started as ``python -I -S -E`` by ``process``, or by hand with the command that ``replay`` prints. The first process
stays outside as supervisor: it waits, passes the exit status on (128 + n for signal n) and kills everything when its
parent ends. Its child is PID 1 inside. What happens is told on the descriptor ``--events`` as lines of JSON: ``pid``
once the child runs, ``begun`` when its world is made, ``error`` (and ``errno``, ``status``) when the command
could not be started.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from lissom.sandbox import kernel as k
from lissom.sandbox import rootfs
from lissom.sandbox.seccomp import build_filter
from lissom.sandbox.stubs import own

__all__ = ["main"]

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NOT_FOUND, _NOT_EXECUTABLE, _BROKEN = 127, 126, 125


def main(spec_fd: int, events_fd: int, console_fd: int = -1, argv: Sequence[str] = ()) -> NoReturn:
    """Run the spec that ``spec_fd`` holds, or ``argv`` in its place, and exit as that process does."""
    parent = os.getppid()
    with os.fdopen(spec_fd, "rb") as stream:
        spec = json.loads(stream.read())
    spec["argv"] = list(argv) or spec["argv"]
    events = _Events(events_fd)
    try:
        status = _supervise(spec, events, console_fd, parent)
    except OSError as error:
        events.fail(error, _BROKEN)
        status = _BROKEN
    os._exit(status)


class _Events:
    """Lines of JSON for whoever started this; on stderr when nobody listens."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        if descriptor != 2:
            os.set_inheritable(descriptor, False)

    def send(self, **event: object) -> None:
        if self._descriptor != 2:
            os.write(self._descriptor, json.dumps(event).encode() + b"\n")
        elif "error" in event:
            os.write(2, f"lissom: {event['error']}\n".encode(errors="surrogateescape"))

    def fail(self, error: OSError, status: int) -> None:
        where = f" `{error.filename}`" if error.filename else ""
        self.send(error=f"{error.strerror or error}{where}", errno=error.errno, status=status)


def _supervise(spec: Mapping[str, Any], events: _Events, console: int, parent: int) -> int:
    # Waited for, never handled: a handler that comes due just before waitpid would run when it is too late.
    awaited = {signal.SIGTERM, signal.SIGCHLD}
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    k.adopt_death_signal(signal.SIGTERM)
    if os.getppid() != parent:
        return _BROKEN
    joined = -1
    if spec["join"]:
        joined = os.pidfd_open(spec["join"])
        k.enter_namespaces(joined, k.CLONE_NEWPID, "the container's processes")
    else:
        k.unshare(k.CLONE_NEWPID, "a PID namespace")
    child = os.fork()
    if child == 0:
        _become(spec, events, console, joined)
    events.send(pid=child)
    ended = 0
    while not ended:
        if signal.sigwait(awaited) == signal.SIGTERM:
            os.kill(child, signal.SIGKILL)
        ended, told = os.waitpid(child, os.WNOHANG)
    status = os.waitstatus_to_exitcode(told)
    return status if status >= 0 else 128 - status


def _become(spec: Mapping[str, Any], events: _Events, console: int, joined: int) -> NoReturn:
    """In the child: build the world, then be the command."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        k.adopt_death_signal(signal.SIGKILL)
        os.setsid()
        os.umask(0o022)
        if joined < 0:
            _unshare(spec)
        set_limit, attach, follow = _late_modules(spec, console)
        if joined < 0:
            rootfs.build(spec)
        else:
            _join(joined)
        if attach:
            attach(console)
        _enter_directory(spec)
        environment = _environment(spec)
        for number, (soft, hard) in spec["limits"].items():
            set_limit(int(number), (soft, hard))
        if spec["init"]:
            _stay_as_init()
        _restrict(spec, follow)
        _reset_signals()
        k.adopt_death_signal(signal.SIGKILL)
        events.send(begun=True)
        _execute(spec["argv"], environment)
    except OSError as error:
        events.fail(error, getattr(error, "status", _BROKEN))
        os._exit(getattr(error, "status", _BROKEN))
    except BaseException as error:  # noqa: BLE001 - else a bug of ours would look like the command's own exit status
        events.send(error=f"bug: {error!r}", errno=0, status=_BROKEN)
        os._exit(_BROKEN)


def _unshare(spec: Mapping[str, Any]) -> None:
    k.unshare(k.CLONE_NEWNS | k.CLONE_NEWIPC | k.CLONE_NEWUTS, "mount, IPC and UTS namespaces")
    k.set_hostname(spec["hostname"])
    with contextlib.suppress(OSError):  # kernels without cgroups need none
        k.unshare(k.CLONE_NEWCGROUP, "a cgroup namespace")
    if spec["network"] == "none":
        k.unshare(k.CLONE_NEWNET, "a network namespace")
        k.loopback_up()


def _join(process: int) -> None:
    """Be beside the process of a pidfd: see what it sees."""
    spaces = k.CLONE_NEWNS | k.CLONE_NEWIPC | k.CLONE_NEWUTS | k.CLONE_NEWNET | k.CLONE_NEWCGROUP
    k.enter_namespaces(process, spaces, "the container")
    os.close(process)


def _enter_directory(spec: Mapping[str, Any]) -> None:
    """Make the working directory current; what it lacks is made for the user of the command, as BuildKit does."""
    path, missing = spec["cwd"], []
    while not os.path.exists(path):
        missing.append(path)
        path = os.path.dirname(path)
    for directory in reversed(missing):
        os.mkdir(directory, 0o755)
        own(directory, spec["uid"], spec["gid"], lenient=spec["single_id"])
    os.chdir(missing[0] if missing else path)


def _environment(spec: Mapping[str, Any]) -> dict[str, str]:
    """The given variables, and PATH and HOME where they lack, as a container runtime adds them."""
    environment = dict(spec["env"])
    environment.setdefault("PATH", _PATH)
    if not environment.get("HOME"):
        environment["HOME"] = _home(spec["uid"])
    return environment


def _home(uid: int) -> str:
    try:
        with open("/etc/passwd", encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                fields = line.rstrip("\n").split(":")
                if len(fields) >= 6 and fields[2] == str(uid):
                    return fields[5] or "/"
    except OSError:
        pass
    return "/"


def _late_modules(spec: Mapping[str, Any], console: int) -> tuple[Any, Any, Any]:
    """What only some processes need; after the change of root it could not be imported any more."""
    set_limit: Any = None
    attach: Any = None
    follow: Any = None
    if spec["limits"]:
        import resource  # noqa: PLC0415

        set_limit = resource.setrlimit
    if console >= 0:
        from lissom.sandbox import console as terminal  # noqa: PLC0415

        attach = terminal.attach
    if spec.get("watch"):
        from lissom.sandbox import watched  # noqa: PLC0415

        follow = watched.begin
    return set_limit, attach, follow


def _stay_as_init() -> None:
    """Stay PID 1, reap what is orphaned, pass signals on; return in the child that becomes the command."""
    child = os.fork()
    if child == 0:
        return
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, lambda received, _frame: os.kill(child, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def _restrict(spec: Mapping[str, Any], follow: Any) -> None:
    """Leave what the process must not have. Filters come first: installing them needs CAP_SYS_ADMIN."""
    k.drop_bounding(spec["capabilities"])
    if spec["filter"]:
        program = build_filter(emulate_root=spec["single_id"], skip_sync=not spec["durable"])
        if program:
            k.filter_calls(program)
    if follow:
        follow(spec["watch"])
        if spec["profile"]:
            k.filter_calls(a2b_base64(spec["profile"]))
    if not spec["single_id"]:
        os.setgroups(spec["groups"])
        os.setresgid(spec["gid"], spec["gid"], spec["gid"])
        os.setresuid(spec["uid"], spec["uid"], spec["uid"])
    if spec["uid"] == 0 or spec["single_id"]:
        k.set_capabilities(spec["capabilities"])


def _reset_signals() -> None:
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            try:
                signal.signal(number, signal.SIG_DFL)
            except OSError:
                continue  # the C library keeps some real-time signals for itself
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _execute(argv: list[str], environment: dict[str, str]) -> NoReturn:
    name = argv[0]
    candidates = [name] if "/" in name else [f"{d or '.'}/{name}" for d in environment["PATH"].split(":")]
    denied: OSError | None = None
    for candidate in candidates:
        try:
            os.execve(candidate, argv, environment)  # noqa: S606 - that is its purpose
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            denied = denied or error
    if denied is not None:
        raise _ExecutionError(denied.errno or 0, f"cannot execute `{name}`: {denied.strerror}", _NOT_EXECUTABLE)
    cause = "no such file" if "/" in name else f"not found in PATH ({environment['PATH']})"
    raise _ExecutionError(2, f"cannot execute `{name}`: {cause}", _NOT_FOUND)


class _ExecutionError(OSError):
    def __init__(self, number: int, message: str, status: int) -> None:
        super().__init__(number, message)
        self.status = status


def _by_hand() -> NoReturn:
    """``python -m lissom.sandbox.init [COMMAND…] 3< SPEC``: the spec is on descriptor 3, errors go to stderr."""
    if os.geteuid() != 0:
        from lissom.sandbox.userns import enter  # noqa: PLC0415 - it is never needed inside

        enter()
    main(3, 2, argv=sys.argv[1:])


if __name__ == "__main__":
    _by_hand()
