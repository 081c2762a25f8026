"""Debian's docker-registry, started by hand on loopback."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def start(directory: Path, extra: str = "", *, deletes: bool = False) -> tuple[subprocess.Popen[bytes], str]:
    """A registry that keeps its data below ``directory``, and its ``host:port``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    settings = f"""\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {directory}/data}}, delete: {{enabled: {str(deletes).lower()}}}}}
http:
  addr: {host}
{extra}"""
    (directory / "registry.yml").write_text(settings)
    child = subprocess.Popen(
        ["docker-registry", "serve", str(directory / "registry.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    name, port = host.split(":")
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex((name, int(port))) == 0:
                return child, host
        time.sleep(0.1)
    child.kill()
    pytest.fail("docker-registry does not start")


@contextlib.contextmanager
def running(directory: Path, extra: str = "") -> Iterator[str]:
    """A registry for as long as the block lasts; skips where the program is missing."""
    if shutil.which("docker-registry") is None:
        pytest.skip("docker-registry is not installed")
    child, host = start(directory, extra)
    try:
        yield host
    finally:
        child.terminate()
        child.wait()
