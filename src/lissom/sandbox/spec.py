"""A process as a value, and as the JSON that the sandbox's own start reads."""

from __future__ import annotations

import os
import resource
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lissom.rootfs.ownership import Ownership
from lissom.sandbox import capabilities
from lissom.sandbox.ids import is_nested
from lissom.sandbox.mounts import Bind, FileMount, Layers, Limits, Mount, Tmpfs

__all__ = ["Process", "describe"]


@dataclass(frozen=True)
class Process:
    """A fully resolved command. Needs root in this or an entered user namespace (``userns.enter``).

    ``lowers`` are directories in overlay form, bottom first; what the process changes lands in ``upper`` (``work`` is
    its empty neighbour on the same file system), or nowhere when that is None. ``network`` is ``host`` or ``none``.
    ``env`` is given as it is; PATH and HOME are added when they lack; ``hidden`` names variables whose values no
    message may show. ``stdin`` is a descriptor or None. With ``terminal`` all output comes as stream 1. Unless the
    process is ``durable``, fsync and its kin answer at once without waiting for a disk: what a step writes counts
    only once it is committed (decision 2). With ``join`` it runs inside the namespaces of that process of ours, and
    its own root file system, mounts, network and host name do not count.
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
    durable: bool = False
    stdin: int | None = None
    hidden: frozenset[str] = frozenset()
    join: int | None = None


def describe(process: Process) -> dict[str, Any]:
    """``process`` as plain data for ``init``."""
    single = process.ownership is Ownership.RECORDED
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
        "filter": "SYS_ADMIN" not in process.capabilities,
        "nested": is_nested(),
        "single_id": single,
        "init": process.init,
        "durable": process.durable,
        "join": process.join,
    }


def _writable(process: Process) -> list[str] | None:
    if process.upper is None or process.work is None:
        return None
    return [os.fspath(process.upper.absolute()), os.fspath(process.work.absolute())]


def _mounts(process: Process) -> list[dict[str, Any]]:
    hosts = ["127.0.0.1\tlocalhost " + process.hostname, "::1\tlocalhost ip6-localhost ip6-loopback"]
    hosts += [f"{address}\t{name}" for name, address in process.hosts]
    files: list[Mount] = [
        FileMount("/etc/hosts", "".join(f"{line}\n" for line in hosts).encode(), 0o644, secret=False),
        FileMount("/etc/resolv.conf", _resolvers(), 0o644, secret=False),
    ]
    described = [_mount(mount) for mount in (*files, *process.mounts)]
    if process.ownership is Ownership.RECORDED:  # apt's own user does not exist where there is one identity
        parts = "etc/apt/apt.conf.d"
        if any((lower / parts).is_dir() for lower in process.lowers):
            root = FileMount(f"/{parts}/zz-one-identity", b'APT::Sandbox::User "root";\n', secret=False)
            described.append(_mount(root))
    return sorted(described, key=lambda mount: mount["target"].rstrip("/").count("/"))


def _resolvers() -> bytes:
    try:
        return Path("/etc/resolv.conf").read_bytes()
    except OSError:
        return b""


def _mount(mount: Mount) -> dict[str, Any]:
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
