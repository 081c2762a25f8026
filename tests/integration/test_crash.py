"""Killed, interrupted, crowded and full: the store survives, the next build is right, nothing is left behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from left_behind import descendants, mounts_below, outlived
from lissom.image.layers import tree
from lissom.image.validate import validate
from lissom.rootfs.tree import Tree
from lissom.store.store import Store
from process import TIMEOUT, Lissom
from registry_server import RegistryServer, cut, slow
from treedump import treedump

pytestmark = [pytest.mark.root, pytest.mark.timeout(400)]

DOCKERFILE = """\
FROM busy:1 AS tools
RUN echo tool > /tool && sleep 0.05
COPY data /input
RUN cat /input/* > /all
FROM busy:1
WORKDIR /app
COPY data ./data
RUN for i in 1 2 3 4 5 6 7 8; do echo $i > f$i; done
RUN --mount=type=bind,from=tools,target=/t cp /t/all all && sleep 0.05
COPY --from=tools /tool /usr/local/bin/
RUN rm f1 && ln f2 f9
CMD ["cat", "all"]
"""
KILLS = int(os.environ.get("LISSOM_TEST_KILLS", "15"))


@pytest.fixture
def lissom(tmp_path: Path, base_archive: Path) -> Lissom:
    made = Lissom(tmp_path / "store", tmp_path / "context")
    made.here.mkdir()
    made.write({"Dockerfile": DOCKERFILE, **{f"data/{n}": f"{n}\n" * 20_000 for n in range(40)}})
    assert made("load", "-i", str(base_archive)).code == 0
    return made


@pytest.fixture
def fresh(lissom: Lissom, tmp_path: Path, base_archive: Path) -> dict[str, str]:
    """What a build that nobody disturbed gives."""
    other = Lissom(tmp_path / "other", lissom.here)
    assert other("load", "-i", str(base_archive)).code == 0
    assert other("build", "-t", "app:1", ".").code == 0
    return files_of(other)


def files_of(lissom: Lissom, name: str = "app:1") -> dict[str, str]:
    """The image's files without times. Everything in the store is valid."""
    with Store.at(lissom.root) as store:
        for _, descriptor in store.references():
            validate(store.image(descriptor))
        with tempfile.TemporaryDirectory(dir=lissom.root.parent) as scratch:
            found: Tree = tree(store.image(store.resolve(name)), directory=Path(scratch))
            return treedump(found)


def temporary_files(lissom: Lissom) -> list[Path]:
    with Store.at(lissom.root) as store:
        return sorted(store.temporary.iterdir())


def disk_use(root: Path) -> int:
    return sum(p.lstat().st_blocks * 512 for p in root.rglob("*"))


def killed_at(lissom: Lissom, instant: float, *arguments: str) -> int:
    """Start lissom and kill -9 it after ``instant`` seconds; its exit status."""
    process = lissom.start(*arguments)
    try:
        return process.wait(instant)
    except subprocess.TimeoutExpired:
        below = descendants(process.pid)
        process.kill()
        status = process.wait()
        assert not outlived(below), "processes outlived their build"
        return status


def test_kill_at_any_instant(lissom: Lissom, fresh: dict[str, str]) -> None:
    started = time.monotonic()
    assert lissom("build", "-t", "app:1", ".").code == 0
    whole = time.monotonic() - started
    assert lissom("rm", "app:1").code == 0
    assert lissom("gc").code == 0
    clean = disk_use(lissom.root)
    chance = random.Random(7)
    killed = 0
    for round_ in range(KILLS):
        # Half the rounds continue what an earlier one left in the cache.
        flags = ("--no-cache",) if round_ % 2 else ()
        killed += killed_at(lissom, chance.uniform(0.15, whole), "build", *flags, "-t", "app:1", ".") == -signal.SIGKILL
        assert lissom("images").code == 0
    assert killed >= KILLS // 2
    assert lissom("build", "-t", "app:1", ".").code == 0
    assert files_of(lissom) == fresh
    if shutil.which("skopeo"):
        name = f"oci:{lissom.root}:docker.io/library/app:1"
        subprocess.run(["skopeo", "inspect", name], check=True, capture_output=True)
    assert not mounts_below(lissom.root)
    assert lissom("rm", "app:1").code == 0
    assert lissom("gc").code == 0
    assert temporary_files(lissom) == []
    assert disk_use(lissom.root) <= clean * 1.05 + 65536


def test_interrupt(lissom: Lissom) -> None:
    lissom.write({"Dockerfile": "FROM busy:1\nRUN sleep 300 & sleep 301\n"})
    # Whoever starts the tests in the background of a shell has interrupts ignored, and so would this process.
    process = lissom.start(
        "build", ".", stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    )
    deadline = time.monotonic() + 30
    while len(below := descendants(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT)
    assert time.monotonic() - started < 3
    assert process.returncode == 130
    assert err.strip() == b"lissom: interrupted"
    assert not outlived(below)
    assert temporary_files(lissom) == []
    assert not mounts_below(lissom.root)


def test_terminate(lissom: Lissom) -> None:
    lissom.write({"Dockerfile": "FROM busy:1\nRUN sleep 300 & sleep 301\n"})
    process = lissom.start("build", ".")
    deadline = time.monotonic() + 30
    while len(below := descendants(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.terminate()
    assert process.wait(10) in (-signal.SIGTERM, 128 + signal.SIGTERM)
    assert not outlived(below)


def test_four_builds_at_once(lissom: Lissom, fresh: dict[str, str]) -> None:
    lissom.write({"Dockerfile.2": DOCKERFILE.replace("echo tool", "echo other tool")})
    files = ("Dockerfile", "Dockerfile.2", "Dockerfile", "Dockerfile.2")
    builds = [
        lissom.start("build", "-f", file, "-t", f"app:{n}", ".", stderr=subprocess.PIPE)
        for n, file in enumerate(files, 1)
    ]
    said = [build.communicate(timeout=TIMEOUT)[1].decode() for build in builds]
    assert [(build.returncode, text) for build, text in zip(builds, said, strict=True)] == [(0, "")] * 4
    assert files_of(lissom, "app:1") == files_of(lissom, "app:3") == fresh
    assert files_of(lissom, "app:2") == files_of(lissom, "app:4") != fresh
    assert temporary_files(lissom) == []


def test_build_while_garbage_is_collected(lissom: Lissom, fresh: dict[str, str]) -> None:
    for _ in range(3):
        build = lissom.start("build", "--no-cache", "-t", "app:1", ".", stderr=subprocess.PIPE)
        collected = []
        while build.poll() is None:
            collected.append(lissom("gc", "--keep-bytes", "0").code)
        said = build.communicate()[1]
        assert (build.returncode, said) == (0, b"")
        assert set(collected) <= {0, 5}  # 5: the build holds the store
        assert files_of(lissom) == fresh


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "lissom-test", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize(
    "instruction",
    ["RUN dd if=/dev/urandom of=/big bs=1M count=40", "COPY big /", "RUN dd if=/dev/urandom of=/big bs=1M count=14"],
    ids=["in RUN", "in COPY", "while packing"],
)
def test_full_disk(lissom: Lissom, small_disk: Path, base_archive: Path, instruction: str) -> None:
    full = Lissom(small_disk / "store", lissom.here)
    assert full("load", "-i", str(base_archive)).code == 0
    lissom.write({"big": os.urandom(40 << 20), ".dockerignore": "data", "Dockerfile": f"FROM busy:1\n{instruction}\n"})
    failed = full("build", "-t", "app:1", ".")
    assert failed.code == (3 if "count=40" in instruction else 5)
    assert "No space left on device" in failed.err
    assert "hint:" in failed.err
    assert temporary_files(full) == []
    lissom.write({"Dockerfile": "FROM busy:1\nRUN echo small > /small\n"})
    assert full("gc", "--keep-bytes", "0").code == 0
    assert full("build", "-t", "app:1", ".").code == 0
    assert files_of(full)["/small"].startswith("file")


@pytest.fixture
def registry(tmp_path: Path, base_archive: Path) -> Iterator[RegistryServer]:
    """A registry that has ``team/app:1``: a base and a layer of 6 MB that hardly compresses."""
    server = RegistryServer()
    here = tmp_path / "pushed"
    here.mkdir()
    source = Lissom(tmp_path / "source", here)
    source.write({"big": random.Random(3).randbytes(6 << 20), "Dockerfile": "FROM busy:1\nCOPY big /big\n"})
    assert source("load", "-i", str(base_archive)).code == 0
    assert source("build", "-t", f"{server.host}/team/app:1", "--push", ".").code == 0
    yield server
    server.stop()


def test_kill_while_pulling(tmp_path: Path, registry: RegistryServer) -> None:
    here = tmp_path / "context"
    here.mkdir()
    lissom = Lissom(tmp_path / "store", here)
    big = max(registry.state.blobs, key=lambda name: len(registry.state.blobs[name]))
    name = f"{registry.host}/team/app:1"
    chance = random.Random(5)
    for _ in range(KILLS):
        registry.fail("GET", big, slow(0.02, 1 << 17))
        killed_at(lissom, chance.uniform(0.1, 1.2), "pull", name)
        registry.state.rules.clear()
        assert lissom("images").code == 0
        assert lissom("rm", name).code in (0, 5)
    assert lissom("pull", name).code == 0
    assert files_of(lissom, name) == files_of(Lissom(tmp_path / "source", here), name)
    assert lissom("gc").code == 0
    assert temporary_files(lissom) == []


def test_a_registry_that_hangs_up(tmp_path: Path, registry: RegistryServer) -> None:
    here = tmp_path / "context"
    here.mkdir()
    lissom = Lissom(tmp_path / "store", here)
    lissom.write({"Dockerfile": f"FROM {registry.host}/team/app:1\nRUN test -s /big\n"})
    big = max(registry.state.blobs, key=lambda name: len(registry.state.blobs[name]))
    registry.fail("GET", big, cut(3 << 20, reset=True))
    recovered = lissom("build", "-t", "app:1", ".")
    assert recovered.code == 0, recovered
    assert any("Range" in seen.headers for seen in registry.asked("GET", big))

    other = Lissom(tmp_path / "other", here)
    registry.fail("GET", big, cut(0), times=1000)
    failed = other("build", "-t", "app:1", ".")
    assert (failed.code, failed.out) == (4, ""), failed
    assert failed.err.startswith(f"error: cannot GET `http://{registry.host}/v2/team/app/blobs/DIGEST`: "), failed.err
    assert temporary_files(other) == []
