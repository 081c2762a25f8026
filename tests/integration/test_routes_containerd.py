"""hosts.toml: the same places, asked for the same, as containerd does with the same file."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from three_registries import Net, three

pytestmark = [
    pytest.mark.foreign,
    pytest.mark.root,
    pytest.mark.skipif(not shutil.which("ctr") or not shutil.which("containerd"), reason="containerd is not installed"),
    # One daemon for all of them.
    pytest.mark.xdist_group("containerd"),
]


@pytest.fixture(scope="module")
def containerd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """``ctr`` for a daemon of our own."""
    here = tmp_path_factory.mktemp("c")
    (here / "config").write_text('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
    command = ["containerd", "--config", here / "config", "--root", here / "root", "--state", here / "state"]
    with (here / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--address", here / "s"], stdout=log, stderr=log)
    client, limit = ["ctr", "--address", str(here / "s")], time.monotonic() + 30
    try:
        while subprocess.run([*client, "version"], capture_output=True, check=False).returncode:
            assert time.monotonic() < limit, (here / "log").read_text()
            time.sleep(0.1)
        yield client
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def net() -> Iterator[Net]:
    with three() as made:
        yield made


ONE, TWO = '[host."http://@one"]\n', '[host."http://@two"]\n'
CASES = {
    "order": ONE + TWO,
    "other-order": TWO + ONE,
    "server": 'server = "http://@origin"\n' + ONE,
    "server-elsewhere": 'server = "http://@two"\n' + ONE,
    # (A server without any host is lost on containerd 1.6, and no other version is at hand.)
    "server-path": 'server = "http://@one/x"\n' + TWO,
    "path": '[host."http://@one/hub"]\n',
    "path-with-version": '[host."http://@one/hub/v2"]\n',
    "path-with-slashes": '[host."http://@one/hub//deep/"]\n',
    "override-path": '[host."http://@one/v2/hub"]\noverride_path = true\n',
    "pull": ONE + 'capabilities = ["Pull"]\n' + TWO,
    "resolve": ONE + 'capabilities = ["resolve"]\n' + TWO,
    "push": ONE + 'capabilities = ["push"]\n' + TWO,
    "server-without-resolve": 'server = "http://@origin"\ncapabilities = ["pull"]\n' + ONE,
    "the-registry-as-host": '[host."http://@origin"]\n' + ONE,
    "empty": "",
}


@pytest.mark.parametrize("end", [":1", "@sha256:" + "a" * 64], ids=["tag", "digest"])
@pytest.mark.parametrize("case", CASES)
def test_the_same_places(containerd, net, run_cli, tmp_path, *, case, end):
    """Nobody holds the image, so each goes through all places that it knows."""
    compare(containerd, net, run_cli, tmp_path, place="@origin", text=CASES[case], end=end)


@pytest.mark.parametrize("place", ["_default", "127.0.0.1_@port_", "127.0.0.1:@port"], ids=["default", "port", "colon"])
def test_the_same_directories(containerd, net, run_cli, tmp_path, *, place):
    compare(containerd, net, run_cli, tmp_path, place=place, text=ONE, end=":1")


def test_a_directory_without_a_file_hides_the_default(containerd, net, run_cli, tmp_path):
    (tmp_path / "home/containerd/certs.d" / net.fill("@origin")).mkdir(parents=True)
    compare(containerd, net, run_cli, tmp_path, place="_default", text=ONE, end=":1")


def compare(containerd: list[str], net: Net, run_cli, tmp_path: Path, *, place: str, text: str, end: str) -> None:
    directory = tmp_path / "home/containerd/certs.d"
    port = net.servers["origin"].host.partition(":")[2]
    own = directory / net.fill(place).replace("@port", port)
    own.mkdir(parents=True)
    (own / "hosts.toml").write_text(net.fill(text))
    image = net.fill(f"@origin/team/app{end}")
    done = subprocess.run(
        [*containerd, "content", "fetch", "--hosts-dir", directory, image], capture_output=True, check=False, timeout=60
    )
    assert done.returncode
    expected = net.asked(query=True)
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "home"), "CONTAINERS_REGISTRIES_CONF": "/dev/null"}
    assert run_cli("inspect", f"docker://{image}", env=environment).code == 4
    assert net.asked(query=True) == expected
