"""RUN: a command in the sandbox, on the stage's layers; what it changed is the step's delta."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lissom.build.advice import about_status, cause_of
from lissom.build.mounts import Mounted, mounted
from lissom.build.ops import Bench, Outcome, Stopped
from lissom.build.step import RunOp, Step
from lissom.errors import StepError
from lissom.events import Listener, StepOutput
from lissom.rootfs.entry import HostFile
from lissom.rootfs.tree import Tree
from lissom.sandbox.process import Process, replay, run
from lissom.sandbox.user import LARGEST_TEXT, Account, account_in, find_account
from lissom.store.lookup import Unclear, look
from lissom.store.snapshots import Delta
from lissom.store.store import Store

__all__ = ["run_command"]

_TAIL = 20
_REPLAYS = 16


def run_command(bench: Bench, step: Step, operation: RunOp, chain: tuple[Delta, ...], number: int) -> Outcome:
    """Run ``operation`` on ``chain``. Raises StepError, with the end of the output, when it fails; Stopped."""
    lowers = bench.snapshots.lowers(chain)
    tail = _Tail(bench.listener, number)
    with bench.snapshots.workspace() as workspace, mounted(bench, operation, workspace.path) as mounts:
        account = _account(bench, chain, lowers, operation.user or "0")
        process = Process(
            argv=operation.argv,
            env=_environment(bench, operation, mounts, account),
            cwd=operation.cwd,
            uid=account.uid,
            gid=account.gid,
            groups=account.groups,
            lowers=lowers,
            upper=workspace.upper,
            work=workspace.work,
            mounts=mounts.mounts,
            network="none" if operation.network == "none" else bench.network,
            hosts=bench.hosts,
            shm_size=bench.shm_size,
            limits=bench.limits,
            ownership=bench.snapshots.ownership,
            hidden=frozenset({*mounts.env, *dict(operation.proxies), *(bench.host.proxies if bench.host else ())}),
        )
        status = run(process, tail, stop=bench.stop)
        if status:
            if bench.stop.is_set():
                raise Stopped("another step failed")
            raise _failure(bench, step, process, status=status, lines=tail.lines(), tree=bench.snapshots.tree(chain))
        delta = bench.snapshots.put_upper(workspace)
    return Outcome(delta, bench.snapshots.shape(delta).empty)


def _account(bench: Bench, chain: Sequence[Delta], lowers: Sequence[Path], name: str) -> Account:
    """Who ``name`` is. Two files are all that is asked for: no tree of a large base is read for them."""
    try:
        texts = [_text(look(lowers, path)) for path in ("etc/passwd", "etc/group")]
    except Unclear:
        return account_in(bench.snapshots.tree(chain), name)
    return find_account(name, *texts)


def _text(path: Path | None) -> str:
    if path is None:
        return ""
    with HostFile(path).open() as stream:
        return stream.read(LARGEST_TEXT).decode(errors="surrogateescape")


def _environment(bench: Bench, operation: RunOp, mounts: Mounted, account: Account) -> dict[str, str]:
    env = dict(bench.host.env) if bench.host else {}
    env.update(operation.proxies)
    env.update(operation.env)
    env.update(mounts.env)
    env.setdefault("HOSTNAME", "buildkitsandbox")
    env.setdefault("HOME", account.home or "/")
    return env


def _failure(bench: Bench, step: Step, process: Process, *, status: int, lines: Sequence[str], tree: Tree) -> StepError:
    operation = step.operations[0]
    assert isinstance(operation, RunOp)
    said = "".join(f"\n  {line}" for line in lines)
    again = _keep(replay(replace(process, upper=None, work=None)), bench.snapshots.store)
    hints = [about_status(operation, status, lines, tree)]
    if again:
        hints.append(f"try it again: {again}   look around where it failed: {again} sh")
    return StepError(
        f"cannot build `{step.name}` ({step.place}): {cause_of(status)}{said}",
        hint="\n      ".join(hint for hint in hints if hint),
        status=status,
        output=tuple(lines),
        replay=again,
    )


def _keep(script: str, store: Store) -> str | None:
    """Put a replay script where the user can run it, the oldest of many going; gives the command.

    None where it cannot be written: that must not hide why the step failed.
    """
    folder = store.private / "replay"
    place = folder / f"{secrets.token_hex(4)}.sh"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[:-_REPLAYS]:
            old.unlink(missing_ok=True)
        place.write_text(f"exec {script}\n", encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    return f"sh {shlex.quote(str(place.absolute()))}"


class _Tail:
    """Passes output on to the listener and keeps its end for an error's message."""

    def __init__(self, listener: Listener, step: int) -> None:
        self._listener = listener
        self._step = step
        self._end = b""

    def __call__(self, stream: int, data: bytes) -> None:
        self._listener(StepOutput(self._step, stream, data))
        self._end = (self._end + data)[-16384:]

    def lines(self) -> list[str]:
        return self._end.decode(errors="replace").splitlines()[-_TAIL:]
