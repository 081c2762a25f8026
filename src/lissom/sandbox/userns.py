"""Let an ordinary user be root: a user namespace of the own, entered once at the start of a command.

Inside, the rest of lissom works as root does, on files of the user's own. With ranges in /etc/subuid and /etc/subgid
(and newuidmap, newgidmap) every identity of an image exists; without them only root does, owners are recorded instead
and RUN steps are told that changing them succeeded.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lissom.errors import SandboxError
from lissom.rootfs.ownership import Ownership
from lissom.sandbox import kernel
from lissom.sandbox.ids import current_ownership

__all__ = ["Identities", "current_ownership", "enter", "find_identities", "why_refused"]

_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Identities:
    """What the namespace will map: ranges (first, count) of the user's subordinate ids; none: one identity only."""

    uids: tuple[tuple[int, int], ...] = ()
    gids: tuple[tuple[int, int], ...] = ()

    @property
    def ownership(self) -> Ownership:
        return Ownership.KERNEL if self.uids and self.gids else Ownership.RECORDED


def find_identities(*, root: Path = Path("/"), uid: int | None = None) -> Identities:
    """The subordinate ids of a user (default: of this process), empty when there are none or the programs lack."""
    if not (shutil.which("newuidmap", path=_PATH) and shutil.which("newgidmap", path=_PATH)):
        return Identities()
    number = os.getuid() if uid is None else uid
    names = {str(number)}
    with contextlib.suppress(KeyError):
        names.add(pwd.getpwuid(number).pw_name)
    uids, gids = (_ranges(root / "etc" / name, names) for name in ("subuid", "subgid"))
    return Identities(uids, gids) if uids and gids else Identities()


def _ranges(path: Path, names: set[str]) -> tuple[tuple[int, int], ...]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        fields = line.strip().split(":")
        if len(fields) == 3 and fields[0] in names and fields[1].isdigit() and fields[2].isdigit():
            found.append((int(fields[1]), int(fields[2])))
    return tuple(dict.fromkeys(found))


def enter() -> None:
    """Make this process root of a new user and mount namespace; nothing happens to a process that is root already.

    It keeps its supplementary groups: they open files to lissom as they do to the user, and steps get their own. Must
    be called while there is one thread. Raises SandboxError that names what refuses and what grants it.
    """
    if os.geteuid() == 0:
        return
    mapper = _Mapper(find_identities(), (os.getuid(), os.getgid()))
    try:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS, "a user namespace")
    except OSError as error:
        mapper.cancel()
        cause = os.strerror(error.errno or 0)
        raise SandboxError(f"cannot become root in a user namespace: {cause}", hint=why_refused(error)) from error
    mapper.finish()
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    kernel.allow_inspection()


class _Mapper:
    """A child that stays outside and maps identities once this process is in its new namespace."""

    def __init__(self, identities: Identities, outer: tuple[int, int]) -> None:
        self._outer = outer
        self._identities = identities
        read, self._go = os.pipe()
        self._answer, write = os.pipe()
        parent = os.getpid()
        self._child = os.fork()
        if self._child:
            os.close(read)
            os.close(write)
            return
        try:
            os.close(self._go)
            os.close(self._answer)
            if os.read(read, 1):
                os.write(write, _map(parent, identities, outer).encode())
        finally:
            os._exit(0)

    def cancel(self) -> None:
        """Nothing is to be mapped."""
        os.close(self._go)
        os.close(self._answer)
        os.waitpid(self._child, 0)

    def finish(self) -> None:
        """Wait until the maps are written; raises SandboxError."""
        os.write(self._go, b"1")
        os.close(self._go)
        with os.fdopen(self._answer) as stream:
            fault = stream.read()
        os.waitpid(self._child, 0)
        if fault:
            raise SandboxError(
                f"cannot map the identities of the user namespace: {fault}",
                hint=(
                    "newuidmap and newgidmap must be set-user-ID root or have file capabilities, and /etc/subuid and "
                    "/etc/subgid must name ranges that nobody else has; without a range for you one identity is used"
                ),
            )


def _map(target: int, identities: Identities, outer: tuple[int, int]) -> str:
    """Write the maps of process ``target``; the text of a fault, empty when all went well."""
    if identities.ownership is Ownership.RECORDED:
        try:
            Path(f"/proc/{target}/setgroups").write_text("deny", encoding="ascii")
            Path(f"/proc/{target}/uid_map").write_text(f"0 {outer[0]} 1", encoding="ascii")
            Path(f"/proc/{target}/gid_map").write_text(f"0 {outer[1]} 1", encoding="ascii")
        except OSError as error:
            return str(error)
        return ""
    for program, own, ranges in (("newuidmap", outer[0], identities.uids), ("newgidmap", outer[1], identities.gids)):
        words = [program, str(target), "0", str(own), "1"]
        inside = 1
        for first, count in ranges:
            words += [str(inside), str(first), str(count)]
            inside += count
        done = subprocess.run(words, env={"PATH": _PATH}, capture_output=True, text=True, check=False, timeout=30)
        if done.returncode:
            return done.stderr.strip() or f"{program} failed"
    return ""


def why_refused(error: OSError) -> str:
    """What on this machine refuses user namespaces, and the command that allows them."""
    settings = (
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
    )
    for name, refusing, command in settings:
        try:
            value = Path("/proc/sys", name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if value == refusing:
            return f"the setting {name.replace('/', '.')} is {value}; root can allow it with: {command}"
    if error.errno == errno.ENOSPC:
        return "too many user namespaces are in use; root can allow more with: sysctl -w user.max_user_namespaces=15000"
    if "Seccomp:\t2" in Path("/proc/self/status").read_text(encoding="ascii"):
        return (
            "a system call filter is on this process: inside a container start that one with "
            "--security-opt seccomp=unconfined --security-opt apparmor=unconfined, or run lissom as its root"
        )
    return "run lissom as root, or ask for user namespaces to be allowed"
