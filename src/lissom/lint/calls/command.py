"""The command that an instruction holds."""

from __future__ import annotations

from lissom.dockerfile.syntax import Cmd, Command, Entrypoint, Healthcheck, Instruction, Run

__all__ = ["command_of"]


def command_of(instruction: Instruction) -> Command | None:
    """The command of a RUN, CMD, ENTRYPOINT or HEALTHCHECK; None for others, and for HEALTHCHECK NONE."""
    if isinstance(instruction, Healthcheck):
        return instruction.test
    return instruction.command if isinstance(instruction, Cmd | Entrypoint | Run) else None
