"""Archives between lissom and other tools, both ways: what one saves the other loads, with the same image ID."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import layer_of
from lissom.image.image import Image
from lissom.oci.reference import Reference
from lissom.store.store import Store
from oracle import engine

pytestmark = pytest.mark.foreign


def sh(*arguments: str | Path) -> str:
    if shutil.which(str(arguments[0])) is None:
        pytest.skip(f"{arguments[0]} is not installed")
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Store]:
    """A store with app:1 and web:1, which share a layer that web:1 has twice."""
    with Store.at(tmp_path / "store") as store:
        base, app = (
            layer_of(store, {"data/base": b"base" * 999}),
            layer_of(store, {"data/app": b"app", "data/l": "app"}),
        )
        for name, layers in (("app:1", [base, app]), ("web:1", [base, base])):
            document = {
                "created": "2020-09-13T12:26:40Z", "architecture": "amd64", "os": "linux",
                "config": {"Cmd": ["/data/app"], "Env": ["A=1"]}, "history": [{"created_by": "COPY"}] * 2,
            }  # fmt: skip
            image = Image.make(layers, document, store)
            store.put_manifest(image.manifest.raw, image.manifest.media_type, Reference.parse(name))
        yield store


def identity(run_cli, name: str, root: Path) -> str:
    (document,) = json.loads(run_cli("--root", root, "inspect", name, check=True).out)
    return document["Id"]


def test_skopeo_reads_and_copies_the_store(mine: Store, tmp_path: Path) -> None:
    place = f"oci:{mine.root}:docker.io/library/app:1"
    assert json.loads(sh("skopeo", "inspect", place))["Digest"] == mine.resolve("app:1").digest
    sh("skopeo", "copy", place, f"oci:{tmp_path}/copy:1")
    assert (tmp_path / "copy" / "blobs" / "sha256" / mine.resolve("app:1").digest.hex).exists()


def test_umoci_unpacks_the_store(mine: Store, tmp_path: Path) -> None:
    sh("umoci", "ls", "--layout", mine.root)
    sh("skopeo", "copy", f"oci:{mine.root}:docker.io/library/app:1", f"oci:{tmp_path}/copy:1")
    sh("umoci", "unpack", "--rootless", "--image", f"{tmp_path}/copy:1", tmp_path / "bundle")
    assert (tmp_path / "bundle" / "rootfs" / "data" / "app").read_bytes() == b"app"


@pytest.mark.parametrize("kind", ["docker-archive", "oci-archive"])
def test_what_skopeo_writes_is_loaded(kind: str, mine: Store, run_cli, tmp_path: Path) -> None:
    sh("skopeo", "copy", f"oci:{mine.root}:docker.io/library/app:1", f"{kind}:{tmp_path}/a.tar:docker.io/library/app:1")
    ran = run_cli("--root", "other", "load", "-i", "a.tar", check=True)
    assert ran.out == "Loaded image: app:1\n"
    assert identity(run_cli, "app:1", tmp_path / "other") == mine.image(mine.resolve("app:1")).config.digest


def test_skopeo_reads_what_lissom_saves(mine: Store, run_cli, tmp_path: Path) -> None:
    run_cli("save", "app:1", "web:1", "-o", "two.tar", check=True)
    run_cli("save", "--format", "oci", "app:1", "-o", "one.oci.tar", check=True)
    for place in ("docker-archive:two.tar:app:1", "docker-archive:two.tar:web:1", "oci-archive:one.oci.tar:1"):
        kind, rest = place.split(":", 1)
        config = json.loads(sh("skopeo", "inspect", "--config", f"{kind}:{tmp_path}/{rest}"))
        assert config["config"]["Env"] == ["A=1"]


@pytest.mark.docker
@pytest.mark.root
def test_docker_and_lissom_load_what_the_other_saves(
    mine: Store, run_cli, docker: engine.Docker, tmp_path: Path
) -> None:
    run_cli("save", "app:1", "web:1", "-o", "two.tar", check=True)
    said = docker.check("load", "-i", str(tmp_path / "two.tar"))
    assert "Loaded image: app:1" in said
    assert "Loaded image: web:1" in said
    ids = {name: mine.image(mine.resolve(name)).config.digest for name in ("app:1", "web:1")}
    for name, wanted in ids.items():
        assert docker.check("image", "inspect", "-f", "{{.Id}}", name).strip() == wanted
    docker.check("save", "-o", str(tmp_path / "back.tar"), "app:1", "web:1")
    ran = run_cli("--root", "other", "load", "-i", "back.tar", check=True)
    assert sorted(ran.out.splitlines()) == ["Loaded image: app:1", "Loaded image: web:1"]
    assert {name: identity(run_cli, name, tmp_path / "other") for name in ids} == ids
