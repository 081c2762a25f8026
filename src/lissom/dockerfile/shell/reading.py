"""From the text of an instruction to its script."""

from __future__ import annotations

from lissom.dockerfile.shell.script import Script
from lissom.dockerfile.syntax import Dockerfile, Instruction

__all__ = ["script_of"]


def script_of(dockerfile: Dockerfile, instruction: Instruction) -> Script | None:
    """The shell script of RUN, CMD, ENTRYPOINT or HEALTHCHECK in shell form; None in exec form or when unsure."""
    del dockerfile, instruction
    return None
