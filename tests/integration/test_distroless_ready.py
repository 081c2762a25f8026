"""The ready images themselves: how large they are, what scanners see in them, what a shell finds in a debug image."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zlib
from pathlib import Path

import pytest

from lissom.distroless.spec.file import load

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.xdist_group("ready"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
    pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl"),
]
GOALS = {
    "static": (1.2, 0.9),
    "base": (10, 4.5),
    "python3": (38, 13.5),
    "nodejs": (103, 37),
    "java-jlink": (70, 24),
}
"""MB of files, but for the program, and of all compressed by gzip: published images have up to twice as much."""
SYFT = shutil.which("syft", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture(scope="module", params=GOALS)
def saved(ready, tmp_path_factory, request):
    """A ready image, with its program in it, as a docker-archive; its name is the file's."""
    path = tmp_path_factory.mktemp("saved") / f"{request.param}.tar"
    ready.call("save", ready.probe(request.param), "-o", str(path))
    yield path
    path.unlink()


def layers(path):
    """The plain tars of an image's layers."""
    with tarfile.open(path) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
        for name in manifest[0]["Layers"]:
            yield archive.extractfile(name)


def test_an_image_is_as_small_as_it_can_be(saved):
    content = compressed = 0
    for layer in layers(saved):
        with tarfile.open(fileobj=layer) as tar:
            content += sum(one.size for one in tar if one.isreg() and not one.name.startswith("app/"))
        layer.seek(0)
        packer = zlib.compressobj(6)
        while data := layer.read(1 << 20):
            compressed += len(packer.compress(data))
        compressed += len(packer.flush())
    most, most_compressed = GOALS[saved.stem]
    assert content / 1e6 <= most
    assert compressed / 1e6 <= most_compressed


@pytest.mark.foreign
@pytest.mark.skipif(SYFT is None, reason="syft is not installed")
def test_syft_lists_exactly_the_packages(saved):
    environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    words = [SYFT, "-q", "-o", "json", f"docker-archive:{saved}"]
    done = subprocess.run(words, env=environment, capture_output=True, check=True)
    found = [one["name"] for one in json.loads(done.stdout)["artifacts"] if one["type"] == "deb"]
    assert sorted(found) == sorted(wish.name for wish in load(saved.stem).packages)


@pytest.mark.docker
def test_a_debug_image_has_a_shell_at_the_end_of_its_path(ready, docker, tmp_path):
    ready.call("distroless", "python3:debug-nonroot", "-t", "debug", "--compression", "none")
    ready.call("save", "debug", "-o", str(tmp_path / "debug.tar"))
    docker.check("load", "-q", "-i", str(tmp_path / "debug.tar"))
    try:
        asked = "id -u; pwd; which ls; sh -c 'python3 --version'; ls -l /bin/sh"
        done = docker.run(["run", "--rm", "--net", "none", "--entrypoint", "sh", "debug", "-c", asked])
        assert done.stdout.decode() == "65532\n/home/nonroot\n/busybox/ls\nPython 3.11.2\n"
        assert "No such file" in done.stderr.decode()
        assert docker.check("run", "--rm", "--net", "none", "debug", "-c", "print(6 * 7)") == "42\n"
    finally:
        docker.check("rmi", "debug")


@pytest.mark.parametrize("name", ["cc", "python3"])
def test_they_are_made_for_other_machines_too(ready, tmp_path, name):
    (tmp_path / "arm.yaml").write_text(f"include: {name}\narchitectures: [arm64]\n")
    outputs = ("-o", f"type=tar,dest={tmp_path}/tree.tar")
    ready.call("distroless", str(tmp_path / "arm.yaml"), "-t", f"arm:{name}", *outputs)
    with tarfile.open(tmp_path / "tree.tar") as tar:
        library = tar.extractfile("usr/lib/aarch64-linux-gnu/libc.so.6").read(20)
        cache = tar.extractfile("etc/ld.so.cache").read()
    assert library[18:20] == b"\xb7\0", "ELF's number of the architecture"
    assert b"/lib/aarch64-linux-gnu/libstdc++.so.6\0" in cache
