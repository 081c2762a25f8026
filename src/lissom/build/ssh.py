"""Agents for ``RUN --mount=type=ssh``: the user's own socket, or one of ours that holds the keys that were named."""

from __future__ import annotations

import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lissom.errors import SandboxError, UsageError

__all__ = ["agents"]


@contextmanager
def agents(wanted: Mapping[str, Sequence[Path]], scratch: Path) -> Iterator[dict[str, Path]]:
    """The socket for each id; agents that were started for keys end with the block."""
    with ExitStack() as held:
        yield {name: _socket(name, paths, scratch, held) for name, paths in wanted.items()}


def _socket(name: str, paths: Sequence[Path], scratch: Path, held: ExitStack) -> Path:
    if len(paths) == 1 and stat.S_ISSOCK(paths[0].stat().st_mode):
        return paths[0]
    for program in ("ssh-agent", "ssh-add"):
        if shutil.which(program) is None:
            raise SandboxError(
                f"cannot use --ssh `{name}`: `{program}` is not installed", hint="apt-get install openssh-client"
            )
    folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="ssh-", dir=scratch)))
    socket = folder / "agent"
    agent = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    held.callback(agent.wait)
    held.callback(agent.terminate)
    assert agent.stdout is not None
    agent.stdout.readline()
    for path in paths:
        added = subprocess.run(
            ["ssh-add", str(path)],
            check=False,
            env={"SSH_AUTH_SOCK": str(socket), "PATH": "/usr/local/bin:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if added.returncode:
            raise UsageError(f"cannot use --ssh `{name}`: ssh-add `{path}`: {added.stderr.strip()}")
    return socket
