"""``RUN --mount``: what a step sees besides its root file system, and for how long."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.build.ssh import relay
from lissom.build.step import RunMount, RunOp
from lissom.errors import StepError
from lissom.rootfs.disk import write
from lissom.rootfs.ownership import Ownership
from lissom.rootfs.tree import Changeset
from lissom.sandbox.process import Bind, FileMount, Layers, Mount, Tmpfs
from lissom.sandbox.stubs import own

if TYPE_CHECKING:
    from lissom.build.ops import Bench

__all__ = ["Mounted", "mounted"]


@dataclass(frozen=True)
class Mounted:
    """Mounts for one process, in order, and the variables that come with them."""

    mounts: tuple[Mount, ...]
    env: dict[str, str]


@contextmanager
def mounted(bench: Bench, operation: RunOp, scratch: Path) -> Iterator[Mounted]:
    """The mounts of ``operation``; locks on cache mounts and sockets are held until the end."""
    mounts: list[Mount] = [FileMount(path, data, 0o755, secret=False) for path, data in operation.files]
    env: dict[str, str] = {}
    if bench.host:
        mounts.extend(bench.host.mounts())
    with ExitStack() as held:
        step = _Step(bench, scratch, held, env)
        for number, mount in enumerate(operation.mounts):
            made = _one(step, mount, number)
            if made is not None:
                mounts.append(made)
        yield Mounted(tuple(mounts), env)


@dataclass(frozen=True)
class _Step:
    """What the mounts of one step share; ``held`` ends with the step, ``env`` is what they add to its variables."""

    bench: Bench
    scratch: Path
    held: ExitStack
    env: dict[str, str]


def _one(step: _Step, mount: RunMount, number: int) -> Mount | None:
    match mount.type:
        case "tmpfs":
            return Tmpfs(mount.target, mount.size, 0o1777)
        case "secret":
            return _secret(step, mount)
        case "ssh":
            return _ssh(step, mount, number)
        case "cache":
            return _cache(step.bench, mount, step.held)
        case _:
            assert mount.input is not None
            lowers, subtree = step.bench.inputs.lowers(mount.input, mount.source)
            return Layers(lowers, subtree, mount.target, readonly=mount.readonly)


def _secret(step: _Step, mount: RunMount) -> Mount | None:
    secret = (step.bench.secrets or {}).get(mount.id)
    if secret is None:
        if mount.required:
            raise StepError(
                f"cannot mount secret `{mount.id}`: it was not given",
                hint=f"give it with --secret id={mount.id},src=FILE or --secret id={mount.id},env=NAME",
            )
        return None
    if mount.env:
        step.env[mount.env] = secret.data.decode(errors="surrogateescape")
        if not mount.target:
            return None
    mode = 0o400 if mount.mode is None else mount.mode
    return FileMount(mount.target, secret.data, mode, mount.uid, mount.gid)


def _ssh(step: _Step, mount: RunMount, number: int) -> Mount | None:
    agent = (step.bench.ssh or {}).get(mount.id or "default")
    if agent is None:
        if mount.required:
            raise StepError(
                f"cannot mount the ssh agent `{mount.id or 'default'}`: it was not given",
                hint="give it with --ssh default (SSH_AUTH_SOCK) or --ssh ID=SOCKET|KEY",
            )
        return None
    socket = step.scratch / f"ssh_agent.{number}"
    mode = 0o600 if mount.mode is None else mount.mode
    step.held.enter_context(relay(agent, socket, mode=mode))
    own(str(socket), mount.uid, mount.gid, lenient=step.bench.snapshots.ownership is Ownership.RECORDED)
    target = mount.target or f"/run/buildkit/ssh_agent.{number}"
    step.env.setdefault("SSH_AUTH_SOCK", target)
    return Bind(socket, target, readonly=False)


def _cache(bench: Bench, mount: RunMount, held: ExitStack) -> Mount:
    """A directory that outlives the step. Locked or private as asked; ``--no-cache`` begins with an empty one."""
    name = hashlib.sha256((mount.id or mount.target).encode()).hexdigest()[:32]
    place = bench.cache_mounts / name
    place.mkdir(parents=True, exist_ok=True)
    if mount.sharing != "shared":
        place = _exclusive(place, mount, held)
    content = place / "content"
    if bench.no_cache and content.exists():
        shutil.rmtree(content)
    if not content.exists():
        _fill(bench, mount, content)
    return Bind(content, mount.target, readonly=mount.readonly)


def _exclusive(place: Path, mount: RunMount, held: ExitStack) -> Path:
    """The directory under a lock of our own; a private mount takes the next free sibling instead of waiting."""
    for number in range(1024):
        chosen = place if number == 0 else place.with_name(f"{place.name}.{number}")
        chosen.mkdir(exist_ok=True)
        handle = os.open(chosen / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held.callback(os.close, handle)
        if mount.sharing == "locked":
            fcntl.flock(handle, fcntl.LOCK_EX)
            return chosen
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return chosen
    raise StepError(f"cannot mount cache `{mount.id or mount.target}`: 1024 steps hold a private one")


def _fill(bench: Bench, mount: RunMount, content: Path) -> None:
    mode = 0o755 if mount.mode is None else mount.mode
    content.mkdir()
    if mount.input is not None:
        tree = bench.inputs.tree(mount.input)
        top = tree.resolve(mount.source)
        prefix = len(top) + 1 if top else 0
        moved = [replace(entry, path=entry.path[prefix:]) for entry in tree.below(top)]
        write(Changeset.of(moved), content, ownership=bench.snapshots.ownership)
        mode = tree[top].mode if mount.mode is None else mount.mode
    content.chmod(mode)
    own(str(content), mount.uid, mount.gid, lenient=bench.snapshots.ownership is Ownership.RECORDED)
