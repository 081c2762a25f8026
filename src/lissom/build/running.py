"""RUN: the argument list, variables, here-documents and mounts of a process, fully resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lissom.build.config import shelled
from lissom.build.run_mounts import plan_mount
from lissom.build.scope import proxy_variables
from lissom.build.step import RunOp
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Command, Run

if TYPE_CHECKING:
    from lissom.build.stage import StagePlanner

__all__ = ["plan_run"]

_NETWORKS = ("default", "none", "host")


def plan_run(stage: StagePlanner, run: Run) -> tuple[RunOp, str]:
    """The operation and its history line."""
    argv, files = _command(stage, run)
    mounts = tuple(plan_mount(stage, run, flag) for flag in run.mounts)
    operation = RunOp(
        argv=argv,
        env=tuple(stage.scope.env.items()),
        cwd=stage.cwd,
        user=stage.settings.get("User") or "",
        mounts=mounts,
        network=_network(stage, run),
        proxies=proxy_variables(stage.planner.options.build_args, stage.planner.options.proxies),
        files=files,
        args=tuple(name for name, value in stage.scope.args.items() if value is not None),
    )
    return operation, f"RUN {stage.scope.history_prefix()}{' '.join(argv)} # buildkit"


def _command(stage: StagePlanner, run: Run) -> tuple[tuple[str, ...], tuple[tuple[str, bytes], ...]]:
    command: Command = run.command
    files: tuple[tuple[str, bytes], ...] = ()
    if run.file is not None:
        path = f"/dev/pipes/{run.file.name}"
        command, files = Command(True, (path,)), ((path, _encoded(run.file.data)),)
    elif run.heredocs:
        command = Command(True, (run.script,))
    return tuple(shelled(command, stage.settings)), files


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _network(stage: StagePlanner, run: Run) -> str:
    if run.security not in (None, "sandbox"):
        raise stage.error(
            _flag_span(run, "security"),
            f"RUN --security={run.security} is not supported: steps always run in the sandbox",
        )
    if any(flag.name == "device" for flag in run.flags):
        raise stage.error(_flag_span(run, "device"), "RUN --device is not supported")
    network = run.network or stage.planner.options.network
    if network not in _NETWORKS:
        raise stage.error(
            _flag_span(run, "network"), f"invalid network mode `{network}`", hint="use default, none or host"
        )
    return network


def _flag_span(run: Run, name: str) -> Span:
    return next((flag.span for flag in run.flags if flag.name == name), run.span)
