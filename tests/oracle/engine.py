"""A private docker daemon, started by hand and stopped again: nothing of the machine's own docker is touched."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLIENTS = ("/usr/bin/docker", "docker")
STARTED_WITHIN = 30.0


def client() -> str | None:
    """A docker client that speaks to BuildKit without the buildx plug-in: those before version 23."""
    for candidate in CLIENTS:
        program = shutil.which(candidate)
        if program is None:
            continue
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        if version.startswith("Docker version") and int(version.split()[2].split(".")[0]) < 23:
            return program
    return None


@dataclass(frozen=True)
class Docker:
    """One daemon and the client that talks to it."""

    program: str
    host: str

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DOCKER_HOST": self.host, "DOCKER_BUILDKIT": "1"}

    def run(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        cwd: Path | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [self.program, *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            cwd=cwd,
            env={**self.environment, **(extra or {})},
            timeout=300,
        )

    def check(self, *arguments: str) -> str:
        done = self.run(arguments)
        if done.returncode:
            raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr.decode()}")
        return done.stdout.decode()


def missing() -> str | None:
    """Why no daemon can be started here; None when one can."""
    if os.environ.get("LISSOM_TEST_DOCKER_HOST") and client():
        return None
    if os.geteuid() != 0:
        return "a docker daemon needs root"
    if shutil.which("dockerd") is None:
        return "docker.io is not installed"
    if client() is None:
        return "no docker client with BuildKit (before version 23) is installed"
    return None


@contextmanager
def daemon(directory: Path, *, settings: Path | None = None) -> Iterator[Docker]:
    """A daemon with all its state below ``directory``; LISSOM_TEST_DOCKER_HOST names one that runs already.

    With ``settings``, a daemon.json, it is always one of its own.
    """
    program = client()
    assert program is not None
    running = os.environ.get("LISSOM_TEST_DOCKER_HOST")
    if running and settings is None:
        yield Docker(program, running)
        return
    docker = Docker(program, f"unix://{directory}/docker.sock")
    command = ["dockerd", "--host", docker.host, "--data-root", str(directory / "data")]
    command += ["--exec-root", str(directory / "exec"), "--pidfile", str(directory / "pid")]
    command += ["--config-file", str(settings)] if settings else []
    with alone():
        bridge = make_bridge()
        command += ["--bridge", bridge] if bridge else []
        process = start(docker, command, directory / "log")
    try:
        yield docker
    finally:
        with alone():
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        if bridge:
            subprocess.run(["ip", "link", "del", bridge], check=False, capture_output=True)


@contextmanager
def alone() -> Iterator[None]:
    """No other daemon starts or stops meanwhile: all of them change one set of packet filter chains."""
    with (Path(tempfile.gettempdir()) / "lissom-test-dockerd.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start(docker: Docker, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """A daemon that answers."""
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL)
    limit = time.monotonic() + STARTED_WITHIN
    while docker.run(["version"]).returncode:
        if process.poll() is not None or time.monotonic() > limit:
            process.kill()
            process.wait()
            raise AssertionError(f"dockerd did not start: {log.read_text()[-2000:]}")
        time.sleep(0.2)
    return process


def make_bridge() -> str | None:
    """A network bridge that no other daemon uses, for the one called docker0 is gone as soon as one of them stops.

    To be called while nobody else does.
    """
    if shutil.which("ip") is None:
        return None
    number = next(free for free in range(1, 251) if not Path(f"/sys/class/net/lsm{free}").exists())
    name = f"lsm{number}"
    for command in (
        # With a fixed address: else it takes that of the container that came last, and others lose their neighbour.
        ["ip", "link", "add", name, "address", f"02:42:00:00:00:{number:02x}", "type", "bridge"],
        ["ip", "address", "add", f"172.29.{number}.1/24", "dev", name],
        ["ip", "link", "set", name, "up"],
    ):
        subprocess.run(command, check=True, capture_output=True)
    return name
