"""System calls that Python does not wrap. Part of the sandbox's own start: imports are rationed (ctypes, os).

Every function raises OSError whose ``strerror`` says what was tried.
"""

from __future__ import annotations

import ctypes
import os

__all__ = [
    "adopt_death_signal",
    "allow_inspection",
    "drop_bounding",
    "enter_namespaces",
    "filesystem_type",
    "filter_calls",
    "loopback_up",
    "mount",
    "open_inside",
    "pivot_root",
    "set_capabilities",
    "set_hostname",
    "set_readonly",
    "unmount",
    "unshare",
]

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 0x1, 0x2, 0x4, 0x8, 0x20
MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE, MS_STRICTATIME = 0x1000, 0x2000, 0x4000, 1 << 18, 1 << 24
MNT_DETACH = 2
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_SECCOMP = 1, 4, 24, 22
_AT_RECURSIVE, _AT_EMPTY_PATH, _MOUNT_ATTR_RDONLY = 0x8000, 0x1000, 0x1
_RESOLVE_NO_MAGICLINKS, _RESOLVE_IN_ROOT = 0x02, 0x10
_NR_OPENAT2, _NR_MOUNT_SETATTR = 437, 442
_NR_PIVOT_ROOT, _NR_CAPSET = {"x86_64": (155, 126), "i686": (217, 185)}.get(os.uname().machine, (41, 91))

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot {what}: {os.strerror(number)}")
    return result


def _syscall(what: str, number: int, *args: object) -> int:
    return _check(_libc.syscall(ctypes.c_long(number), *args), what)


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    _check(
        _libc.mount(
            os.fsencode(source),
            os.fsencode(target),
            kind.encode() or None,
            ctypes.c_ulong(flags),
            os.fsencode(data) or None,
        ),
        f"mount {kind or source} on `{target}`",
    )


def unmount(target: str) -> None:
    """Detach the mounts at ``target``, now for new look-ups, for good when nothing uses them any more."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount `{target}`")


def unshare(flags: int, what: str) -> None:
    """unshare(2); ``what`` names the namespaces for the message."""
    _check(_libc.unshare(flags), f"make {what}")


def enter_namespaces(descriptor: int, flags: int, what: str) -> None:
    """setns(2) to namespaces of a process (by a pidfd) or to one (by its own descriptor); ``what`` names them."""
    _check(_libc.setns(descriptor, flags), f"enter {what}")


def pivot_root(new: str, old: str) -> None:
    _syscall("change the root directory", _NR_PIVOT_ROOT, os.fsencode(new), os.fsencode(old))


def set_hostname(name: str) -> None:
    data = os.fsencode(name)
    _check(_libc.sethostname(data, len(data)), f"set the host name `{name}`")


def adopt_death_signal(signal: int) -> None:
    """Ask for ``signal`` when the thread that started this process ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0), "ask for a signal when the parent ends")


def allow_inspection() -> None:
    """Let files in /proc/self be this process's own again: a change of identity gives them to the machine's root."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "make this process its own")


def drop_bounding(keep: int) -> None:
    """Remove every capability outside the bit mask ``keep`` from the bounding set."""
    for number in range(64):
        if not keep >> number & 1 and _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) < 0:
            return  # the first number that this kernel does not know


def set_capabilities(mask: int) -> None:
    """Make ``mask`` the permitted and effective set; nothing is inheritable."""
    low, high = mask & 0xFFFFFFFF, mask >> 32
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    _syscall("set capabilities", _NR_CAPSET, header, sets)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_calls(program: bytes) -> None:
    """Install a seccomp filter: classic BPF, eight bytes an instruction. Needs CAP_SYS_ADMIN."""
    value = _Program(len(program) // 8, program)
    _check(_libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(value), 0, 0), "install the seccomp filter")


def open_inside(root: int, path: str, flags: int) -> int:
    """Open ``path`` as a process would whose root directory is the descriptor ``root``: links never lead outside."""
    how = (ctypes.c_uint64 * 3)(flags | os.O_CLOEXEC, 0, _RESOLVE_IN_ROOT | _RESOLVE_NO_MAGICLINKS)
    return _syscall(f"open `{path}` in the image", _NR_OPENAT2, root, os.fsencode(path), how, ctypes.c_size_t(24))


def set_readonly(target: int) -> None:
    """Make the mount at the descriptor ``target``, and all below it, read-only."""
    attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY, 0, 0, 0)
    flags = _AT_RECURSIVE | _AT_EMPTY_PATH
    _syscall("make a mount read-only", _NR_MOUNT_SETATTR, target, b"", flags, attributes, ctypes.c_size_t(32))


def filesystem_type(path: str) -> int:
    """The magic number of the file system that holds ``path``; see statfs(2)."""
    value = (ctypes.c_long * 32)()
    _check(_libc.statfs(os.fsencode(path), value), f"look at the file system of `{path}`")
    return int(value[0]) & 0xFFFFFFFF


def loopback_up() -> None:
    """Bring up ``lo`` in the network namespace of this process."""
    up_and_running = (0x41).to_bytes(2, "little")
    request = ctypes.create_string_buffer(b"lo".ljust(16, b"\0") + up_and_running, 40)
    descriptor = _check(_libc.socket(2, 2 | 0o2000000, 0), "open a socket")
    try:
        _check(_libc.ioctl(descriptor, ctypes.c_ulong(0x8914), request), "bring up the loopback interface")
    finally:
        os.close(descriptor)
