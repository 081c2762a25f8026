"""Slim images as others see them: skopeo and umoci take them, docker runs them, also under the profile."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lissom.image.image import Image
from lissom.oci.reference import Reference
from lissom.rootfs.disk import scan
from oracle import engine
from oracle.flatten import read_layer, words
from oracle.observe import from_oci_layout
from slim_apps import Shelf, entry, link, twins
from treedump import treedump

pytestmark = [pytest.mark.root, pytest.mark.foreign]

MORE = [
    *twins("linked", "data/hard-a", "data/hard-b", uid=7),
    link("data/link", "hard-a"),
    entry("data/suid", "#!/bin/true\n", mode=0o4755, gid=8),
    entry("spool", None, gid=8, mode=0o2775),
]


def need(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """``web:1``, ``web:1-slim`` in layers with its profile, what was taken out, and that laid over."""
    made = Shelf.at(tmp_path_factory.mktemp("foreign"))
    made.site("web:1", *MORE)
    made.slim("web:1", "--http", "/", "--layers", "keep", "--drop", "/data/hard-b", "--removed", "web:gone", "--seccomp", "web.json")  # fmt: skip
    with made.store() as store:
        slim, gone = (store.image(store.resolve(name)) for name in ("web:1-slim", "web:gone"))
        whole = Image.make([*slim.layers, *gone.layers], {**slim.config.document, "history": []}, store)
        store.name(Reference.parse("web:both"), whole.manifest.descriptor)
    for name in ("web:1", "web:1-slim", "web:both"):
        made("copy", name, f"oci:{made.here}/{name.replace(':', '-')}:x")
    return made


def layout(shelf: Shelf, name: str) -> Path:
    return shelf.here / name.replace(":", "-")


def run(*command: str | Path) -> bytes:
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@need("skopeo")
def test_skopeo_copies_it(shelf: Shelf) -> None:
    run("skopeo", "copy", f"oci:{layout(shelf, 'web:1-slim')}:x", f"dir:{shelf.here}/dir")
    manifest = (shelf.here / "dir/manifest.json").read_bytes()
    assert json.loads(manifest)["layers"]
    assert json.loads(run("skopeo", "inspect", f"oci:{layout(shelf, 'web:1-slim')}:x"))["Digest"] == shelf.digest("web:1-slim")  # fmt: skip


def unpacked(shelf: Shelf, name: str) -> dict[str, str]:
    """The tree as umoci unpacks it; the time of directories that a layer does not bring is that of unpacking."""
    bundle = shelf.here / f"bundle-{name.replace(':', '-')}"
    run("umoci", "unpack", "--image", f"{layout(shelf, name)}:x", bundle)
    found = treedump(scan(bundle / "rootfs"), times=True)
    return {path: line.rpartition(" @")[0] if line.startswith("directory") else line for path, line in found.items()}


@need("umoci")
def test_umoci_unpacks_it_and_the_original_from_both(shelf: Shelf) -> None:
    before, after = unpacked(shelf, "web:1"), unpacked(shelf, "web:1-slim")
    assert {path: line for path, line in after.items() if before.get(path) != line} == {}
    assert "/data/hard-a" not in after, "a file that goes has no other name that stays"
    assert unpacked(shelf, "web:both") == before


def test_a_plain_reader_finds_the_original_in_both(shelf: Shelf) -> None:
    slim, both, before = (from_oci_layout(layout(shelf, name)) for name in ("web:1-slim", "web:both", "web:1"))
    assert slim.broken() == []
    assert both.tree == before.tree


@pytest.fixture(scope="module")
def loaded(shelf: Shelf, docker: engine.Docker) -> Iterator[engine.Docker]:
    """Docker with the images."""
    names = ("web:1", "web:1-slim", "web:both")
    shelf("save", *names, "-o", "images.tar")
    docker.check("load", "-i", str(shelf.here / "images.tar"))
    yield docker
    docker.run(["rmi", "-f", *names])


@contextmanager
def running(docker: engine.Docker, *arguments: str) -> Iterator[str]:
    """A container that serves, and its address."""
    container = docker.check("run", "-d", *arguments).strip()
    try:
        address = docker.check(
            "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container
        ).strip()
        yield address
    finally:
        docker.run(["rm", "-f", container])


def get(address: str, path: str) -> tuple[int, bytes]:
    deadline = time.monotonic() + 20
    while True:
        connection = http.client.HTTPConnection(address, 8080, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        finally:
            connection.close()


@pytest.mark.docker
def test_docker_runs_it(shelf: Shelf, loaded: engine.Docker) -> None:
    with running(loaded, "web:1-slim") as address:
        assert get(address, "/unlinked.html") == (200, b"nobody links here")
        assert get(address, "/nothing.html")[0] == 404


@pytest.mark.docker
def test_docker_sees_the_original_in_both(loaded: engine.Docker, shelf: Shelf) -> None:
    trees = {}
    for name in ("web:1", "web:both"):
        container = loaded.check("create", name).strip()
        loaded.check("export", "-o", str(shelf.here / "export.tar"), container)
        loaded.check("rm", container)
        changes = read_layer((shelf.here / "export.tar").read_bytes())
        nodes = {path: one for path, one in changes.entries if not isinstance(one, str)}
        nodes |= {path: nodes[one] for path, one in changes.entries if isinstance(one, str)}
        trees[name] = words(nodes)
    assert trees["web:both"] == trees["web:1"]


@pytest.mark.docker
def test_docker_starts_it_under_the_profile(shelf: Shelf, loaded: engine.Docker) -> None:
    profile = ("--security-opt", f"seccomp={shelf.here / 'web.json'}")
    with running(loaded, *profile, "web:1-slim") as address:
        assert get(address, "/about.html") == (200, b"about")
    busybox = ("--entrypoint", "busybox", "web:1")
    for command in (["chroot", "/", "true"], ["mknod", "/tmp/null", "c", "1", "3"]):
        assert loaded.run(["run", "--rm", *busybox, *command]).returncode == 0
        assert loaded.run(["run", "--rm", *profile, *busybox, *command]).returncode != 0
    assert loaded.run(["run", "--rm", *profile, "--entrypoint", "true", "web:1"]).returncode == 0


def test_what_a_profile_allows(shelf: Shelf) -> None:
    profile = json.loads((shelf.here / "web.json").read_text())
    allowed = {name for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert not allowed & {"mount", "umount2", "ptrace", "init_module", "bpf", "keyctl", "reboot", "setns", "unshare"}
    assert {"execve", "openat", "accept4" if os.uname().machine == "aarch64" else "accept", "listen"} <= allowed
