"""The system call filter of a container, as classic BPF.

It refuses what docker's default profile refuses a process without CAP_SYS_ADMIN and that capabilities alone do not
stop: new user namespaces, keys of the host, bpf, mounts by the new calls. All else is allowed. With ``emulate_root``
changes of owner and identity, and the making of devices, seem to succeed: in a user namespace with one identity
package managers need no more than that. With ``skip_sync`` so do fsync and its kin, without waiting for a disk.
Runs at a process's start: imports are rationed.
"""

from __future__ import annotations

import os
import struct
from functools import cache

__all__ = ["build_filter"]

_ALLOW, _FAKE, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050000, 0x00050001, 0x00050026
_LOAD, _JEQ, _JGE, _JSET, _AND, _JUMP, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x05, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_NAMESPACES = 0x7E020000
_PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)
_AF_VSOCK = 40
_X32 = 0x40000000
_LAST_KNOWN = 462

_NEW = (425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443, 450)
"""Same numbers everywhere: io_uring, mounts by descriptor, quotactl_fd, set_mempolicy_home_node."""

# acct add_key bpf clock_adjtime clock_settime create_module delete_module finit_module fanotify_init get_kernel_syms
# get_mempolicy init_module ioperm iopl kexec_file_load kexec_load keyctl lookup_dcookie mbind migrate_pages mount
# move_pages nfsservctl open_by_handle_at perf_event_open pivot_root query_module quotactl reboot request_key
# set_mempolicy setdomainname sethostname setns settimeofday swapoff swapon sysctl sysfs syslog umount umount2 unshare
# uselib userfaultfd ustat vhangup vm86
_REFUSED = {
    "x86_64": (
        163, 248, 321, 305, 227, 174, 176, 313, 300, 177, 239, 175, 173, 172, 320, 246, 250, 212, 237, 256, 165, 279,
        180, 304, 298, 155, 178, 179, 169, 249, 238, 171, 170, 308, 164, 168, 167, 156, 139, 103, 166, 272, 134, 323,
        136, 153,
    ),
    "i386": (
        51, 286, 357, 343, 264, 404, 127, 129, 350, 338, 130, 275, 128, 101, 110, 283, 288, 253, 274, 294, 21, 317,
        169, 342, 336, 217, 167, 131, 88, 287, 276, 121, 74, 346, 79, 25, 115, 87, 149, 135, 103, 22, 52, 310, 86,
        374, 62, 111, 113, 166,
    ),
    "aarch64": (
        89, 217, 280, 266, 112, 106, 273, 262, 236, 105, 294, 104, 219, 18, 235, 238, 40, 239, 42, 265, 241, 41, 60,
        142, 218, 237, 162, 161, 268, 170, 225, 224, 116, 39, 97, 282, 58,
    ),
}  # fmt: skip
_ARCHITECTURE = {"x86_64": 0xC000003E, "i386": 0x40000003, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "i386": 120, "aarch64": 220}
_PERSONALITY = {"x86_64": 135, "i386": 136, "aarch64": 92}
_SOCKET = {"x86_64": 41, "i386": 359, "aarch64": 198}
_CLONE3 = 435
_COMPANION = {"x86_64": "i386"}

# chown fchown lchown fchownat, set*id and setgroups, capset
_OWNERS = {
    "x86_64": (92, 93, 94, 260, 105, 106, 113, 114, 116, 117, 119, 122, 123, 126),
    "aarch64": (54, 55, 143, 144, 145, 146, 147, 149, 151, 152, 159, 91),
}
_MAKE_NODE = {"x86_64": ((133, 1), (259, 2)), "aarch64": ((33, 2),)}
"""Number of the call and which argument is the mode."""

# fsync fdatasync sync syncfs sync_file_range
_SYNC = {
    "x86_64": (74, 75, 162, 306, 277),
    "i386": (118, 148, 36, 344, 314),
    "aarch64": (82, 83, 81, 267, 84),
}
_MSYNC = {"x86_64": 26, "i386": 144, "aarch64": 227}
_MS_SYNC = 4

_Instruction = tuple[int, int, int, int]


@cache
def build_filter(*, emulate_root: bool = False, skip_sync: bool = False, machine: str = os.uname().machine) -> bytes:
    """The filter as bytes for ``prctl(PR_SET_SECCOMP)``; empty for a machine whose numbers are not known here."""
    if machine not in _ARCHITECTURE or machine == "i386":
        return b""
    native = _block(machine, emulate_root=emulate_root, skip_sync=skip_sync)
    code = [_load(_ARCH), (_JEQ, 1, 0, _ARCHITECTURE[machine]), (_JUMP, 0, 0, len(native)), *native]
    other = _COMPANION.get(machine)
    if other:
        block = _block(other, emulate_root=False, skip_sync=skip_sync)
        code += [(_JEQ, 1, 0, _ARCHITECTURE[other]), (_RETURN, 0, 0, _ENOSYS), *block]
    else:
        code.append((_RETURN, 0, 0, _ENOSYS))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _block(machine: str, *, emulate_root: bool, skip_sync: bool) -> list[_Instruction]:
    code = [_load(_NUMBER)]
    if machine == "x86_64":
        code += [(_JGE, 0, 1, _X32), (_RETURN, 0, 0, _ENOSYS)]
    code += [(_JGE, 0, 1, _LAST_KNOWN + 1), (_RETURN, 0, 0, _ENOSYS)]
    if emulate_root:
        for number in _OWNERS[machine]:
            code += _when(number, _FAKE)
        for number, argument in _MAKE_NODE[machine]:
            code += _fake_devices(number, argument)
    if skip_sync:
        for number in _SYNC[machine]:
            code += _when(number, _FAKE)
        code += _fake_msync(_MSYNC[machine])
    code += _when(_CLONE3, _ENOSYS)  # its flags are behind a pointer: callers fall back to clone
    code += [
        (_JEQ, 0, 4, _CLONE[machine]), _load(_ARGUMENTS), (_JSET, 0, 1, _NAMESPACES), (_RETURN, 0, 0, _EPERM),
        _load(_NUMBER),
    ]  # fmt: skip
    code += [
        (_JEQ, 0, 4, _SOCKET[machine]), _load(_ARGUMENTS), (_JEQ, 0, 1, _AF_VSOCK), (_RETURN, 0, 0, _EPERM),
        _load(_NUMBER),
    ]  # fmt: skip
    code += [(_JEQ, 0, 2 * len(_PERSONALITIES) + 2, _PERSONALITY[machine]), _load(_ARGUMENTS)]
    for allowed in _PERSONALITIES:
        code += _when(allowed, _ALLOW)
    code.append((_RETURN, 0, 0, _EPERM))
    for number in (*_REFUSED[machine], *_NEW):
        code += _when(number, _EPERM)
    return [*code, (_RETURN, 0, 0, _ALLOW)]


def _load(offset: int) -> _Instruction:
    return (_LOAD, 0, 0, offset)


def _when(value: int, action: int) -> list[_Instruction]:
    return [(_JEQ, 0, 1, value), (_RETURN, 0, 0, action)]


def _fake_devices(number: int, argument: int) -> list[_Instruction]:
    return [
        (_JEQ, 0, 7, number), _load(_ARGUMENTS + 8 * argument), (_AND, 0, 0, 0xF000),
        *_when(0x2000, _FAKE), *_when(0x6000, _FAKE), _load(_NUMBER),
    ]  # fmt: skip


def _fake_msync(number: int) -> list[_Instruction]:
    """Only with MS_SYNC: MS_ASYNC starts no writing, but tells whether an address is mapped, which unwinders ask."""
    return [
        (_JEQ, 0, 4, number), _load(_ARGUMENTS + 8 * 2), (_JSET, 0, 1, _MS_SYNC), (_RETURN, 0, 0, _FAKE),
        _load(_NUMBER),
    ]  # fmt: skip
