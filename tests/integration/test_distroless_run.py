"""Programs in images without a shell, under lissom and under docker."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
]
DATA = Path(__file__).parents[1] / "data/distroless"
SAYS = {"static": "65532 3\n", "base": "65532 3\n", "cc": "caught\n"}
"""Accounts, time zones, exceptions: what a program without its base would miss."""


@pytest.fixture(scope="module")
def lissom(tmp_path_factory):
    root = tmp_path_factory.mktemp("store")

    def call(*words, status=0):
        command = [sys.executable, "-m", "lissom", "--root", str(root), "--progress", "quiet", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return done.stdout

    call("distroless", "debian-slim", "-t", "debian:bookworm-slim")
    for name in SAYS:
        call("distroless", name, "-t", f"distroless/{name}")
        words = ("--build-arg", f"BASE=distroless/{name}", "--build-arg", f"PROGRAM={name}")
        call("build", "--host-settings", "-t", f"hello:{name}", *words, str(DATA))
    return call


@pytest.mark.parametrize("name", SAYS)
def test_a_program_runs_and_a_shell_does_not(lissom, name):
    assert lissom("run", "--rm", f"hello:{name}") == SAYS[name]
    lissom("run", "--rm", "--entrypoint", "sh", f"hello:{name}", status=127)


@pytest.mark.docker
@pytest.mark.parametrize("name", SAYS)
def test_docker_runs_it_too(lissom, docker, tmp_path, name):
    lissom("save", f"hello:{name}", "-o", str(tmp_path / "hello.tar"))
    docker.check("load", "-q", "-i", str(tmp_path / "hello.tar"))
    assert docker.check("run", "--rm", "--net", "none", f"hello:{name}") == SAYS[name]
