"""A seccomp profile in docker's form: the system calls that were seen, their kin, and what a runtime needs.

A trace never sees every call that a program can make: error paths and other inputs make others. So a call brings its
family: who opened one file may stat another. What no program of the kind needs (mounts, modules, tracing, keys) is
allowed only when it was seen.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from typing import Any

from lissom.sandbox.call_names import FREQUENT, NAMES
from lissom.sandbox.calls import ARCHITECTURES

__all__ = ["allowed_calls", "profile_filter", "seccomp_profile"]

_ENOSYS = 38
_LOAD, _JEQ, _JGE, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | _ENOSYS
_X32 = 0x40000000

_FAMILIES = (
    # files
    """open openat openat2 creat access faccessat faccessat2 stat lstat newfstatat statx statfs fstatfs
    readlink readlinkat getdents getdents64 chdir fchdir mkdir mkdirat unlink unlinkat rmdir rename renameat
    renameat2 link linkat symlink symlinkat chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat
    utime utimes utimensat futimesat truncate fallocate flock copy_file_range close_range memfd_create pipe
    pipe2 sync syncfs""",
    # processes and threads
    """clone clone3 fork vfork execve execveat kill tkill prctl getpgid setpgid getpgrp getsid setsid
    getpriority setpriority getrlimit setrlimit prlimit64 capget sched_getparam sched_getscheduler
    sched_get_priority_max sched_get_priority_min getgroups getresuid getresgid""",
    # sockets
    "socket socketpair bind connect listen accept accept4",
    # identity
    "setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset",
    # attributes
    """getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr setxattr lsetxattr fsetxattr removexattr
    lremovexattr fremovexattr""",
    # watched files
    "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch",
    # signals and processes as files
    "signalfd signalfd4 pidfd_open pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo",
    # scheduling
    """sched_setaffinity sched_setparam sched_setscheduler sched_rr_get_interval sched_getattr sched_setattr
    ioprio_get ioprio_set""",
    # locked memory
    "mlock mlock2 munlock mlockall munlockall",
    # memory that processes share
    "shmget shmat shmdt shmctl semget semop semctl semtimedop",
    # queues
    "msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr",
    # asynchronous input and output
    "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents",
)
"""The first two are every program's; of the others one call brings the rest."""

_RUNTIME = """
    capget capset chdir fchdir execve fstatfs statfs getgroups setgroups setgid setuid setresgid setresuid prctl openat
    openat2 readlinkat newfstatat faccessat2 getdents64 fchown fchownat setsid rt_sigqueueinfo kill tkill close_range
    pipe2 socket socketpair clone setrlimit prlimit64 fchmod fchmodat ioctl dup3
"""
"""What runc, crun and lissom's own sandbox do between loading a profile and executing the program."""


def allowed_calls(seen: Iterable[str]) -> frozenset[str]:
    """The calls that a profile allows a program that was seen to make ``seen``."""
    allowed = {*seen, *FREQUENT, *_RUNTIME.split()}
    made = frozenset(seen)
    for number, words in enumerate(_FAMILIES):
        family = frozenset(words.split())
        if number < 2 or made & family:
            allowed |= family
    known = frozenset(name for names in NAMES.values() for name in names.values())
    return frozenset(allowed & known)


def seccomp_profile(allowed: Iterable[str]) -> dict[str, Any]:
    """The document that ``docker run --security-opt seccomp=FILE`` takes.

    Everything else gives ENOSYS, as from a kernel that does not know it: programs then fall back to what they know.
    """
    names = sorted(frozenset(allowed) - {"clone3"})
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": _ENOSYS,
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
        "syscalls": [
            {"names": names, "action": "SCMP_ACT_ALLOW"},
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _ENOSYS},
        ],
    }


def profile_filter(allowed: Iterable[str], machine: str = os.uname().machine) -> bytes:
    """The same as classic BPF for lissom's own sandbox."""
    names = frozenset(allowed) - {"clone3"}
    code = [(_LOAD, 0, 0, 4), (_JEQ, 1, 0, ARCHITECTURES[machine]), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, 0)]
    code += [(_JGE, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]
    for number, name in NAMES[machine].items():
        if name in names:
            code += [(_JEQ, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    code.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
