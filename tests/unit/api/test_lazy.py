"""Commands that look into an image of a registry ask for what their answer needs, and for nothing that the store has."""

import json
import re

import pytest

from lissom.api.access import Access
from lissom.api.analyze import analyze
from lissom.api.diff import diff, same
from lissom.api.inspect import history, inspect, raw_manifest
from lissom.api.moves import pull
from lissom.api.sbom import inventory
from lissom.api.squash import squash
from lissom.api.surface import surface
from lissom.api.why import why
from lissom.api.world import World
from lissom.errors import StoreError
from lissom.image.image import Image, read_blob
from lissom.oci.document import INDEX, Descriptor, Index
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from lissom.rootfs.ownership import Ownership
from lissom.store.gc import collect
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store
from registry_server import RegistryServer

DPKG = b"Package: tool\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n"
BASE = {"var/lib/dpkg/status": DPKG, "var/lib/dpkg/info/tool.list": b"/usr/bin/tool\n", "usr/bin/tool": b"#!/bin/sh\n"}


@pytest.fixture
def server():
    server = RegistryServer()
    yield server
    server.stop()


@pytest.fixture
def world(tmp_path):
    """A store with nothing in it, and the way to registries."""
    with Store.at(tmp_path / "here") as store, Session(Network(pauses=Pauses(lambda _: None))) as session:
        yield World(store, Snapshots(store, Ownership.KERNEL), lambda: Access(store, session))


@pytest.fixture
def published(server, image_of):
    """Put an image into the registry by hand; gives the name and the image."""

    def publish(name: str, *layers, **config) -> tuple[str, Image]:
        image = image_of(*layers, **config)
        repository, _, tag = name.partition(":")
        for blob in (image.manifest.config, *image.manifest.layers):
            server.hold(repository, read_blob(image.blobs, blob))
        for key in (tag, image.digest):
            server.state.manifests[repository, key] = (image.manifest.media_type, image.manifest.raw)
        return f"docker://{server.host}/{name}", image

    return publish


def fetched(server, image):
    """What was asked for since the last look: manifests by number, blobs by what they are."""
    names = {str(image.config.digest): "config"}
    names |= {str(layer.descriptor.digest): f"layer {n}" for n, layer in enumerate(image.layers)}
    seen = [s for s in server.state.seen if "/manifests/" in s.path or "/blobs/" in s.path]
    server.state.seen.clear()
    assert all(s.method == "GET" for s in seen)
    found = ["manifest" if "/manifests/" in s.path else names[s.path.rpartition("/")[2]] for s in seen]
    return sorted(found)


ABOVE = {"app/run": b"#!/bin/sh\ntool\n", "app/.env": b"TOKEN=1"}
DOCUMENTS = ["config", "manifest"]
ALL = ["config", "layer 0", "layer 1", "manifest"]


def test_inspect_and_history_fetch_documents_only(server, world, published):
    name, image = published("app:1", BASE, ABOVE, Env=["A=b"])
    found = inspect(world, name)
    assert found["Id"] == image.config.digest
    assert found["Config"]["Env"] == ["A=b"]
    assert found["RepoTags"] == [f"{server.host}/app:1"]
    assert found["RepoDigests"] == [f"{server.host}/app@{image.digest}"]
    assert found["Size"] is None
    assert [layer["digest"] for layer in found["Layers"]] == [layer.descriptor.digest for layer in image.layers]
    assert fetched(server, image) == DOCUMENTS


def test_history_of_an_image_elsewhere(server, world, published):
    name, image = published("app:1", BASE, ABOVE)
    assert [(line.created_by, line.size) for line in history(world, name)] == [("COPY 1", None), ("COPY 0", None)]
    assert fetched(server, image) == DOCUMENTS


def test_sizes_are_told_once_they_are_known(server, world, published):
    name, _ = published("app:1", BASE, ABOVE)
    surface(world, name)
    expected = sum(map(len, (*BASE.values(), *ABOVE.values())))
    assert inspect(world, name)["Size"] == expected


def test_a_manifest_is_fetched_byte_for_byte(server, world, published):
    name, image = published("app:1", BASE)
    assert raw_manifest(world, name) == image.manifest.raw
    assert fetched(server, image) == ["manifest"]


def test_a_digest_that_the_store_has_needs_no_registry(server, world, published):
    name, image = published("app:1", BASE)
    pull(world.access, name)
    server.state.seen.clear()
    assert inspect(world, f"docker://{server.host}/app@{image.digest}")["Id"] == image.config.digest
    assert server.state.seen == []


def test_the_platform_is_chosen_from_an_index(server, world, published):
    children = []
    for arch in ("amd64", "arm64"):
        _, image = published(f"app:{arch}", {"arch": arch.encode()})
        described = image.manifest.descriptor
        children.append(
            Descriptor(described.media_type, described.digest, described.size, platform=Platform.parse(f"linux/{arch}"))
        )
    index = Index.make(children)
    server.state.manifests["app", "all"] = (INDEX, index.raw)
    name = f"docker://{server.host}/app:all"
    assert raw_manifest(world, name) == index.raw
    assert inspect(world, name, Platform.parse("linux/arm64"))["Id"] == image.config.digest
    assert f'"{image.config.digest}"'.encode() in raw_manifest(world, name, Platform.parse("linux/arm64"))
    with pytest.raises(StoreError, match="no such platform"):
        inspect(world, name, Platform.parse("linux/s390x"))


@pytest.mark.parametrize("looked", [
    pytest.param(analyze, id="analyze"),
    pytest.param(surface, id="surface"),
    pytest.param(inventory, id="sbom"),
    pytest.param(lambda world, name: why(world, name, "/usr/bin/tool"), id="why"),
])  # fmt: skip
def test_a_second_look_fetches_nothing(server, world, published, looked):
    name, image = published("app:1", BASE, ABOVE)
    looked(world, name)
    assert fetched(server, image) == ALL
    looked(world, name)
    assert fetched(server, image) == []
    assert not any(world.store.has(layer.descriptor.digest) for layer in image.layers)


def test_a_look_reads_what_the_store_has(server, world, published):
    base, below = published("base:1", BASE)
    pull(world.access, base)
    name, image = published("app:1", BASE, ABOVE)
    assert image.layers[0] == below.layers[0]
    server.state.seen.clear()
    analyze(world, name)
    assert fetched(server, image) == ["config", "layer 1", "manifest"]
    diff(world, base.removeprefix("docker://"), name)
    assert fetched(server, image) == ["layer 1"]


def test_layers_of_both_images_are_fetched_once(server, world, published):
    one, _ = published("app:1", BASE, ABOVE)
    two, _ = published("app:2", BASE, {**ABOVE, "more": b"more"})
    found = diff(world, one, two)
    assert [change.path for change in found.files] == ["more"]
    asked = [s.path.rpartition("/")[2] for s in server.asked("GET", "/blobs/")]
    assert len(asked) == len(set(asked)) == 5


def test_a_layer_that_is_there_twice_is_fetched_once(server, world, published):
    name, _ = published("app:1", BASE, ABOVE, BASE)
    assert len(analyze(world, name).layers) == 3
    assert len(server.asked("GET", "/blobs/")) == 3
    surface(world, name)
    assert len(server.asked("GET", "/blobs/")) == 5


def test_equal_layers_need_no_look(server, world, published):
    one, _ = published("app:1", BASE, ABOVE)
    two, _ = published("app:2", BASE, ABOVE)
    three, _ = published("app:3", BASE, ABOVE, Env=["A=b"])
    four, _ = published("app:4", BASE)
    assert same(world, one, two) is True
    assert same(world, one, three) is False
    assert same(world, one, four) is None
    assert len(server.asked("GET", "/blobs/")) == 3  # configs


def test_diff_of_equal_images_moves_documents_only(server, run_cli, published, tmp_path):
    one, image = published("app:1", BASE, ABOVE)
    ran = run_cli("diff", "--root", str(tmp_path / "other"), one, one)
    assert "the same files" in ran.out
    assert fetched(server, image) == DOCUMENTS


def test_a_scan_of_a_layer_elsewhere_goes_with_garbage(world, published):
    name, _ = published("app:1", BASE)
    analyze(world, name)
    folder = world.store.private / "scans"
    assert list(folder.iterdir())
    collect(world.store)
    assert not list(folder.iterdir())


def test_squash_pulls_what_is_missing(server, world, published):
    name, image = published("app:1", BASE, ABOVE)
    done = squash(world, name, names=[Reference.parse("flat:1")])
    assert done.merged == 2
    assert sorted(set(fetched(server, image))) == ALL
    assert all(world.store.has(layer.descriptor.digest) for layer in image.layers)


def test_history_on_the_command_line(server, run_cli, published, tmp_path):
    name, image = published("app:1", BASE)
    other = ("--root", str(tmp_path / "other"))
    assert re.search(r"COPY 0 +\?", run_cli("history", *other, name).out)
    assert json.loads(run_cli("history", *other, "--json", name).out)[0]["size"] is None
    assert json.loads(run_cli("inspect", *other, name).out)[0]["Size"] is None
    assert set(fetched(server, image)) == {"config", "manifest"}
