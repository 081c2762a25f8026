"""What the integration tests share: a docker daemon, base images, a store that has them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from oracle import bases, engine
from oracle.builders import lissom_command


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lissom")
    group.addoption(
        "--record", action="store_true", help="record the expectations of the differential suite with docker"
    )
    group.addoption("--as-user", metavar="NAME", help="run the differential suite as this ordinary user too")
    group.addoption("--keep-work", action="store_true", help="keep the store and layouts of the differential suite")


@pytest.fixture(scope="session")
def base_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A docker-archive with the suite's base images."""
    if bases.busybox() is None:
        pytest.skip("busybox-static is not installed")
    path = tmp_path_factory.mktemp("bases") / "bases.tar"
    bases.write_docker_archive(path, bases.bases())
    return path


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory, base_archive: Path) -> Iterator[engine.Docker]:
    """A docker daemon of our own that knows the base images."""
    reason = engine.missing()
    if reason:
        pytest.skip(reason)
    with engine.daemon(tmp_path_factory.mktemp("docker")) as docker:
        docker.check("load", "-i", str(base_archive))
        yield docker


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, base_archive: Path) -> Path:
    """A store of lissom's that holds the base images; one for each worker."""
    root = tmp_path_factory.mktemp("lissom") / "store"
    subprocess.run(
        [*lissom_command(), "--root", str(root), "load", "-i", str(base_archive)], check=True, capture_output=True
    )
    return root
