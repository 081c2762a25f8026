"""Agents for ``RUN --mount=type=ssh``: the user's own socket, or one of ours that holds the keys that were named."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lissom.errors import SandboxError, UsageError

__all__ = ["agents", "relay"]


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
    # In its directory: the whole path may be longer than a socket's address holds.
    agent = subprocess.Popen(
        ["ssh-agent", "-D", "-a", "agent"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    held.callback(agent.wait)
    held.callback(agent.terminate)
    assert agent.stdout is not None
    agent.stdout.readline()
    for path in paths:
        added = subprocess.run(
            ["ssh-add", str(path.absolute())],
            check=False,
            cwd=folder,
            env={"SSH_AUTH_SOCK": "agent", "PATH": "/usr/local/bin:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if added.returncode:
            raise UsageError(f"cannot use --ssh `{name}`: ssh-add `{path}`: {added.stderr.strip()}")
    return folder / "agent"


@contextmanager
def relay(agent: Path, place: Path, *, mode: int) -> Iterator[None]:
    """A socket of a step's own before the user's agent, at ``place``, with the mode of its mount."""
    with socket.socket(socket.AF_UNIX) as server:
        with _short(place) as address:
            server.bind(address)
        place.chmod(mode)
        server.listen()
        threading.Thread(target=_accept, args=(server, agent), daemon=True).start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            place.unlink(missing_ok=True)


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name by way of its directory's descriptor: the path may be longer than a socket's address holds."""
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def _accept(server: socket.socket, agent: Path) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        upstream = socket.socket(socket.AF_UNIX)
        try:
            with _short(agent) as address:
                upstream.connect(address)
        except OSError:
            client.close()
            upstream.close()
            continue
        for source, sink in ((client, upstream), (upstream, client)):
            threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        sink.close()
