"""Do one step for real: copy, make a directory, or (``command``) run. Each gives a delta of the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.build.copy import copy, owner_of
from lissom.build.inputs import Inputs
from lissom.build.secret import Secret
from lissom.build.step import ContextInput, CopyOp, Operation, RunOp, Step, WorkdirOp
from lissom.errors import StepError
from lissom.events import Listener, silent
from lissom.rootfs.compress import Compression
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Changeset, Tree
from lissom.sandbox.mounts import Limits
from lissom.sandbox.user import account_in
from lissom.store.cache import Cache
from lissom.store.snapshots import Delta, Snapshots

if TYPE_CHECKING:
    from lissom.sandbox.host import HostSettings

__all__ = ["Bench", "Outcome", "Stopped", "perform"]

"""Bytes of /etc/passwd and /etc/group that are read."""


class Stopped(StepError):  # noqa: N818 - it is no error of its own: another step's is shown
    """This step was not done because another one failed or the user stopped the build."""


@dataclass(frozen=True)
class Outcome:
    """What a step made; ``empty`` when it changed nothing, ``created`` is RFC 3339."""

    delta: Delta
    empty: bool
    created: str = ""


@dataclass(frozen=True)
class Bench:
    """Everything that steps work with. ``machine`` digests what all RUN steps share: hosts, limits, shm size."""

    inputs: Inputs
    snapshots: Snapshots
    cache: Cache
    cache_mounts: Path
    scope: str
    compression: Compression
    listener: Listener = silent
    stop: threading.Event = field(default_factory=threading.Event)
    machine: str = ""
    network: str = "host"
    hosts: tuple[tuple[str, str], ...] = ()
    shm_size: int = 64 << 20
    limits: Limits = field(default_factory=Limits)
    secrets: Mapping[str, Secret] | None = None
    ssh: Mapping[str, Path] | None = None
    host: HostSettings | None = None
    timestamp: int | None = None
    no_cache: bool = False
    no_cache_stages: frozenset[str] = frozenset()
    wants_tree: bool = False
    remote: Callable[[str], Outcome | None] = lambda _key: None

    def is_forced(self, name: str, index: int) -> bool:
        """Whether a stage's steps run although the cache may know them."""
        return self.no_cache or not self.no_cache_stages.isdisjoint({name, str(index)})


def perform(bench: Bench, step: Step, chain: tuple[Delta, ...], number: int, *, directory: bool) -> Outcome:
    """Do ``step`` on ``chain``. With ``directory`` the result is unpacked for later steps, else it is a layer."""
    if isinstance(step.operations[0], RunOp):
        from lissom.build.command import run_command

        return run_command(bench, step, step.operations[0], chain, number)
    tree = bench.snapshots.tree(chain)
    changes = Changeset()
    for operation in step.operations:
        more = _files(bench, operation, tree)
        tree = tree.apply(more)
        changes = _merged(changes, more) if changes else more
    delta = bench.snapshots.put_changeset(changes, pack=None if directory else bench.compression)
    return Outcome(delta, not changes)


def _merged(first: Changeset, second: Changeset) -> Changeset:
    """What two changesets do, one after the other, as one."""
    whiteouts = first.whiteouts | second.whiteouts
    opaques = first.opaques | second.opaques
    kept = {p: e for p, e in first.entries.items() if p not in second.whiteouts and not _below(p, second)}
    return Changeset.of([*kept.values(), *second.entries.values()], whiteouts, opaques)


def _below(path: str, changes: Changeset) -> bool:
    while path := parent_of(path):
        if path in changes.whiteouts or path in changes.opaques:
            return True
    return False


def _files(bench: Bench, operation: Operation, tree: Tree) -> Changeset:
    if isinstance(operation, WorkdirOp):
        return _workdir(operation, tree)
    assert isinstance(operation, CopyOp)
    changes = copy(operation, bench.inputs.tree(operation.input), tree, account=lambda name: account_in(tree, name))
    if bench.timestamp is None or not isinstance(operation.input, ContextInput):
        return changes
    # When a checkout was made is nobody's business: with a timestamp, content alone decides what the layer is.
    dated = (replace(entry, mtime=bench.timestamp) for entry in changes.entries.values())
    return Changeset.of(dated, changes.whiteouts, changes.opaques)


def _workdir(operation: WorkdirOp, tree: Tree) -> Changeset:
    """Missing directories down to the path, mode 0755; the stage's user owns what is made."""
    path = tree.resolve(operation.path)
    missing: list[str] = []
    while path and path not in tree:
        missing.append(path)
        path = parent_of(path)
    if not tree[path].is_directory:
        raise StepError(f"cannot make directory `{operation.path}`: `/{path}` is not a directory")
    if not missing:
        return Changeset()
    uid, gid = owner_of(operation.user, lambda name: account_in(tree, name)) or (0, 0)
    now = int(time.time())
    made = (Entry(p, Kind.DIRECTORY, 0o755, uid, gid, now) for p in missing)
    return Changeset.of(made)
