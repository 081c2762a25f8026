"""A container of an image: what its config and the caller's wishes make together."""

from __future__ import annotations

import posixpath
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from lissom.errors import SandboxError
from lissom.image.image import Image, Layer
from lissom.oci.digest import Digest
from lissom.sandbox import capabilities
from lissom.sandbox.mounts import Bind, FileMount, Limits, Mount
from lissom.sandbox.spec import Process
from lissom.sandbox.user import Account, account_in
from lissom.store.deltas import id_of
from lissom.store.snapshots import Delta, Snapshots

__all__ = ["Wishes", "beside", "chain_of", "container", "stop_signal"]

_AT_ONCE = 4


@dataclass(frozen=True)
class Wishes:
    """What the caller wants otherwise than the image's config says; None and empty mean as the image says."""

    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    workdir: str | None = None
    mounts: tuple[Mount, ...] = ()
    network: str = "host"
    hostname: str | None = None
    hosts: tuple[tuple[str, str], ...] = ()
    readonly: bool = False
    shm_size: int = 64 << 20
    limits: Limits = field(default_factory=Limits)
    capabilities: frozenset[str] = capabilities.DEFAULT
    init: bool = False
    terminal: bool = False
    stdin: int | None = None


@contextmanager
def container(image: Image, snapshots: Snapshots, wishes: Wishes) -> Iterator[Process]:
    """A process in a copy of ``image``; what it writes lives until the block is left.

    Raises SandboxError when there is no command or the user is not in the image.
    """
    chain = chain_of(image, snapshots)
    lowers = snapshots.lowers(chain)
    config = image.config.config
    argv = _argv(config, wishes)
    account = account_in(
        snapshots.tree(chain), wishes.user if wishes.user is not None else str(config.get("User") or "")
    )
    hostname = wishes.hostname or secrets.token_hex(6)
    with snapshots.workspace() as workspace:
        yield Process(
            argv=argv,
            env=_environment(config, wishes, hostname, account),
            lowers=lowers,
            cwd=posixpath.join("/", wishes.workdir or str(config.get("WorkingDir") or "/")),
            uid=account.uid,
            gid=account.gid,
            groups=account.groups,
            upper=None if wishes.readonly else workspace.upper,
            work=None if wishes.readonly else workspace.work,
            readonly=wishes.readonly,
            mounts=(FileMount("/etc/hostname", f"{hostname}\n".encode(), 0o644, secret=False), *wishes.mounts),
            network=wishes.network,
            hostname=hostname,
            hosts=wishes.hosts,
            shm_size=wishes.shm_size,
            limits=wishes.limits,
            capabilities=wishes.capabilities,
            ownership=snapshots.ownership,
            terminal=wishes.terminal,
            init=wishes.init,
            durable=any(isinstance(mount, Bind) for mount in wishes.mounts),
            stdin=wishes.stdin,
        )


def beside(process: Process, pid: int, wishes: Wishes, *, image: Image, snapshots: Snapshots) -> Process:
    """The wished command inside the running container of ``process``, whose number is ``pid``.

    It runs as the container's user unless another one is wished.

    Raises SandboxError when the user is not in the image.
    """
    env, uid, gid, groups = dict(process.env), process.uid, process.gid, process.groups
    if wishes.user is not None:
        account = account_in(snapshots.tree(chain_of(image, snapshots)), wishes.user)
        uid, gid, groups = account.uid, account.gid, account.groups
        env["HOME"] = account.home or "/"
    env.update(wishes.env)
    return replace(process, argv=wishes.command, env=env, uid=uid, gid=gid, groups=groups, join=pid, init=False)


def chain_of(image: Image, snapshots: Snapshots) -> list[Delta]:
    """The deltas of an image's layers. What the store has neither as a blob nor by diff ID is fetched from where the
    image is and unpacked on the way, several layers side by side.
    """
    layers = {_key(layer): layer for layer in image.layers}
    found = {key: _present(layer, snapshots) for key, layer in layers.items()}
    missing = [key for key, delta in found.items() if delta is None]
    if missing:
        with ThreadPoolExecutor(_AT_ONCE, "unpack") as pool:
            fetched = pool.map(lambda key: _fetched(layers[key], image, snapshots), missing)
            found.update(zip(missing, fetched, strict=True))
    return [delta for layer in image.layers if (delta := found[_key(layer)]) is not None]


def stop_signal(image: Image) -> str:
    """The signal that asks a container of ``image`` to end, by name or number."""
    return str(image.config.config.get("StopSignal") or "SIGTERM")


def _key(layer: Layer) -> tuple[Digest, Digest]:
    return layer.descriptor.digest, layer.diff_id


def _present(layer: Layer, snapshots: Snapshots) -> Delta | None:
    if snapshots.store.has(layer.descriptor.digest):
        return snapshots.adopt(layer)
    found = snapshots.find(id_of(layer.diff_id))
    return found if found and snapshots.unpacker.existing(found) else None


def _fetched(layer: Layer, image: Image, snapshots: Snapshots) -> Delta:
    with image.blobs.open(layer.descriptor) as stream:
        return snapshots.ingest(layer, stream)


def _argv(config: Mapping[str, object], wishes: Wishes) -> tuple[str, ...]:
    """Entry point and command. Another entry point drops the image's command, as docker does."""
    entrypoint = _words(config, "Entrypoint") if wishes.entrypoint is None else wishes.entrypoint
    command = wishes.command or (_words(config, "Cmd") if wishes.entrypoint is None else ())
    argv = (*entrypoint, *command)
    if not argv or not argv[0]:
        raise SandboxError(
            "cannot run the image: it has no command", hint="name one: lissom run IMAGE COMMAND [ARGUMENT…]"
        )
    return argv


def _words(config: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = config.get(name) or ()
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _environment(config: Mapping[str, object], wishes: Wishes, hostname: str, account: Account) -> dict[str, str]:
    env = {"HOSTNAME": hostname}
    if wishes.terminal:
        env["TERM"] = "xterm"
    env.update(pair.partition("=")[::2] for pair in _words(config, "Env"))
    env.update(wishes.env)
    env.setdefault("HOME", account.home or "/")
    return env
