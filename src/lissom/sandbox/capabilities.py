"""Capabilities by name; see capabilities(7)."""

from __future__ import annotations

from collections.abc import Iterable

from lissom.errors import UsageError

__all__ = ["DEFAULT", "mask"]

_NAMES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip

DEFAULT = frozenset({
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "NET_RAW",
    "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP",
})  # fmt: skip
"""What docker gives a container: fourteen of the forty-one."""


def mask(names: Iterable[str]) -> int:
    """The bit mask of capabilities named with or without ``CAP_``; raises UsageError for an unknown name."""
    result = 0
    for name in names:
        short = name.upper().removeprefix("CAP_")
        if short not in _NAMES:
            raise UsageError(f"cannot grant capability `{name}`: there is none of this name")
        result |= 1 << _NAMES.index(short)
    return result
