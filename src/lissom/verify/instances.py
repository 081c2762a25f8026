"""The containers of one run: started when first asked for, stopped after their last probe."""

from __future__ import annotations

import re
import signal
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from lissom.errors import SandboxError, UsageError
from lissom.image.image import Image
from lissom.rootfs.disk import write
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset
from lissom.sandbox.mounts import Bind, Mount, Tmpfs
from lissom.sandbox.watch import Watcher
from lissom.store.snapshots import Snapshots, Workspace
from lissom.verify.container import Wishes, chain_of, container, stop_signal
from lissom.verify.expect import shortened
from lissom.verify.http import Server
from lissom.verify.observation import Observation
from lissom.verify.patience import Patience
from lissom.verify.probe import Instance, Probes, Run
from lissom.verify.ready import NotReadyError, Ready, wait_ready
from lissom.verify.running import Container, Stopped

__all__ = ["Instances", "Live"]

_HOSTNAME = "lissom"  # the same in each run, for pages that show it
_SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@dataclass
class Live:
    """An instance that runs; ``servers`` remember cookies and TLS by port."""

    instance: Instance
    container: Container
    ready: Ready
    servers: dict[int, Server] = field(default_factory=dict)

    def server(self, port: int | None, timeout: float) -> Server | None:
        """What listens on ``port``, or on the one that it is known for; None when there is none."""
        number = port or self.instance.port or self.ready.port
        if number is None:
            return None
        return self.servers.setdefault(number, Server(self.container.connect, number, timeout=timeout))


class Instances:
    """Containers of ``image`` by the name of their instance. As a context manager it leaves nothing behind."""

    def __init__(
        self,
        image: Image,
        snapshots: Snapshots,
        probes: Probes,
        *,
        watch: Watcher | None,
        network: str,
        patience: Patience,
    ) -> None:
        self.image = image
        self.snapshots = snapshots
        self.watch = watch
        self.network = network
        self.patience = patience
        self.live: dict[str, Live] = {}
        self.logs: dict[str, str] = {}
        self._probes = probes
        self._around = ExitStack()
        self._stacks: dict[str, ExitStack] = {}
        self._workspace: Workspace | None = None
        self._volumes: dict[str, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stack in self._stacks.values():
            self._around.push(stack)
        self._around.close()

    @property
    def exposed(self) -> frozenset[int]:
        """TCP ports that the image says it listens on."""
        ports = self.image.config.config.get("ExposedPorts")
        words = (str(word).partition("/") for word in ports) if isinstance(ports, dict) else ()
        found = {number for number, _, protocol in words if protocol in ("", "tcp") and number.isdecimal()}
        return frozenset(int(number) for number in found if len(number) <= 5)

    def start(self, name: str, needs: str) -> Live:
        """Start an instance and wait until it is ready. Raises NotReadyError, SandboxError."""
        instance = self._probes.instance(name)
        instance = replace(instance, ready_timeout=instance.ready_timeout * self.patience.factor)
        stack = self._stacks[name] = ExitStack()
        try:
            process = stack.enter_context(container(self.image, self.snapshots, self.wishes(instance)))
        except SandboxError as error:  # the image lacks a user or a command
            raise NotReadyError(error.message, hint=error.hint) from error
        running = stack.enter_context(Container(process, watch=self.watch))
        try:
            ready = wait_ready(running, instance, self.exposed, needs=needs)
        except BaseException:
            self.logs[name] = running.log.tail(40)
            self._stacks.pop(name).close()
            raise
        self.live[name] = Live(instance, running, ready)
        return self.live[name]

    def sharing(self, volume: str) -> list[str]:
        """Names of running instances that hold a volume."""
        return [name for name, live in self.live.items() if volume and live.instance.volume == volume]

    def stop(self, name: str) -> Observation:
        """Stop an instance as it is to be stopped; what was seen of it."""
        live = self.live.pop(name)
        running, wanted = live.container, live.instance.stop
        text = (wanted.signal if wanted else "") or stop_signal(self.image)
        within = wanted.within * self.patience.factor if wanted else self.patience.stop
        try:
            if not running.alive:
                return self._ended(live)
            stopped = running.stop(_signal(text), within)
            failure = _find_stop_fault(live, stopped, text)
            note = f"it has no handler for {text}" if stopped.deaf else f"killed {within:g} s after {text}"
            return Observation(
                f"stop {name}",
                "stop",
                stopped.status,
                excerpt=note if stopped.forced else "",
                seconds=stopped.seconds,
                failure=failure,
            )
        finally:
            self.logs[name] = running.log.tail(40)
            self._stacks.pop(name).close()

    def wishes(self, asked: Instance | Run) -> Wishes:
        """What a container is started with."""
        return Wishes(
            command=asked.args,
            entrypoint=asked.entrypoint,
            env=dict(asked.env),
            user=asked.user,
            mounts=self.mounts(asked),
            network=self.network,
            hostname=_HOSTNAME,
            readonly=asked.read_only,
        )

    def mounts(self, asked: Instance | Run) -> tuple[Mount, ...]:
        """The memory and the volume that an instance wants."""
        mounts: list[Mount] = [_tmpfs(text) for text in asked.tmpfs]
        if asked.volume:
            mounts.append(Bind(self._volume(asked.volume), asked.volume))
        # By their real names: a link may lead into another mount, which is empty.
        return tuple(replace(mount, target=f"/{self._resolved(mount.target)}") for mount in mounts)

    def _resolved(self, path: str) -> str:
        tree = self.snapshots.tree(chain_of(self.image, self.snapshots))
        return tree.resolve(path.strip("/"))

    def _volume(self, path: str) -> Path:
        """A directory that begins as what the image has at ``path``, the same one in the whole run."""
        if path not in self._volumes:
            if self._workspace is None:
                self._workspace = self._around.enter_context(self.snapshots.workspace())
            name = f"volume-{len(self._volumes)}"
            tree = self.snapshots.tree(chain_of(self.image, self.snapshots))
            top = tree.resolve(path.strip("/"))
            root = tree.get(top, Entry(top, Kind.DIRECTORY, 0o755))
            entries = [replace(root, path=name)] if root.is_directory else [Entry(name, Kind.DIRECTORY, 0o755)]
            if root.is_directory:
                entries += [replace(one, path=name + one.path[len(top) :]) for one in tree.below(top)]
            write(Changeset.of(entries), self._workspace.path, ownership=self.snapshots.ownership)
            self._volumes[path] = self._workspace.path / name
        return self._volumes[path]

    def _ended(self, live: Live) -> Observation:
        status, name = live.container.status, live.instance.name
        log = live.container.log
        failure = None
        if live.instance.stop or live.ready.port is not None:
            failure = f"it had ended by itself with status {status}: {shortened(log.tail(3))}"
        return Observation(
            f"end {name}",
            "end",
            status,
            log.out.digest,
            size=log.out.size,
            excerpt=shortened(log.tail(3)),
            failure=failure,
        )


def _find_stop_fault(live: Live, stopped: Stopped, signal_name: str) -> str | None:
    wanted = live.instance.stop
    if wanted is None:
        return None
    if stopped.deaf and stopped.forced:
        return f"it has no handler for {signal_name} and was killed"
    if stopped.forced:
        return f"still running {stopped.seconds:.1f} s after {signal_name}, so it was killed"
    if stopped.status not in wanted.exit:
        return f"exit status {stopped.status} after {signal_name} instead of {' or '.join(map(str, wanted.exit))}"
    if wanted.log and not re.search(wanted.log, live.container.log.text()):
        return f"its log lacks {wanted.log!r}: {shortened(live.container.log.tail(3))}"
    return None


def _signal(text: str) -> signal.Signals:
    with suppress(KeyError, ValueError):
        return signal.Signals(int(text)) if text.isdigit() else signal.Signals[f"SIG{text.upper().removeprefix('SIG')}"]
    raise UsageError(f"cannot stop the container with `{text}`: there is no signal of this name")


def _tmpfs(text: str) -> Tmpfs:
    target, _, options = text.partition(":")
    values = dict(option.partition("=")[::2] for option in options.split(",") if option)
    size = re.fullmatch(r"(\d+)([kmg]?)b?", values.get("size", "").lower())
    mode = values.get("mode", "1777")
    if not target.startswith("/") or ("size" in values and size is None) or not re.fullmatch(r"[0-7]{1,4}", mode):
        raise UsageError(f"cannot use tmpfs `{text}`: it is not /PATH[:size=N,mode=OCTAL]")
    return Tmpfs(target, int(size[1]) * _SIZES[size[2]] if size else None, int(mode, 8))
