"""The ledger of an image of a store: the same however its layers are read, and what a build knows of its lines."""

from pathlib import Path

import pytest

from lissom.analysis.ledger.share import Ledger, WasteKind
from lissom.api import analyze as module
from lissom.api.analyze import analyze
from lissom.api.images import remove
from lissom.api.world import World
from lissom.image.image import Image, Layer
from lissom.oci.reference import Reference
from lissom.rootfs.ownership import Ownership
from lissom.store.gc import collect
from lissom.store.snapshots import Snapshots
from lissom.verify.container import chain_of

DPKG = b"Package: tool\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n"
BASE = {
    "var/lib/dpkg/status": DPKG,
    "var/lib/dpkg/info/tool.list": b"/usr/bin/tool\n",
    "usr/bin/tool": b"\x7fELF not quite",
    "app/model": b"m" * 5000,
    "app/.env": b"TOKEN=1",
    "lib": "usr/lib",
    "usr/lib/debug/x": b"d" * 70,
}
ABOVE = {"app/copy": b"m" * 5000, "var/lib/apt/lists/x": b"l" * 300, "run.sh": b"#!/bin/sh\ntool\n"}


@pytest.fixture
def world(store):
    return World(store, Snapshots(store, Ownership.KERNEL), lambda: pytest.fail("nothing is elsewhere"))


def essence(found: Ledger):
    return (
        found.size, found.live, found.links, found.packages, found.wastes, found.secrets, found.dive_efficiency,
        [(s.path, s.size, s.layer, s.fate, s.package, s.waste, s.detail, s.same_as) for s in found.shares],
    )  # fmt: skip


def scans(world):
    found = list((world.store.private / "scans").iterdir())
    assert len(found) == 4
    return found


def test_scans_go_with_their_blobs(world, image_of):
    image_of(BASE, ABOVE, name="app:1")
    analyze(world, "app:1")
    collect(world.store, keep_bytes=0)
    scans(world)
    remove(world.store, "app:1")
    collect(world.store, keep_bytes=0)
    assert not list((world.store.private / "scans").iterdir())


def test_packed_kept_and_unpacked_layers_give_the_same(world, image_of, monkeypatch):
    image = image_of(BASE, ABOVE, name="app:1", Cmd=["/run.sh"])
    first = analyze(world, "app:1")
    assert first.wasted()[WasteKind.PACKAGE_LISTS] == 300
    assert first.wasted()[WasteKind.DUPLICATE] == 5000
    assert first.packages["deb tool"] == len(b"\x7fELF not quite") + len(b"/usr/bin/tool\n")
    with monkeypatch.context() as patched:
        patched.setattr(module, "scan_packed", lambda *_, **__: pytest.fail("the scan was kept"))
        assert essence(analyze(world, "app:1")) == essence(first)
    for path in scans(world):
        path.unlink()
    world.snapshots.lowers(chain_of(image, world.snapshots))
    with monkeypatch.context() as patched:
        patched.setattr(module, "scan_packed", lambda *_, **__: pytest.fail("the layer is unpacked"))
        assert essence(analyze(world, "app:1")) == essence(first)


@pytest.mark.parametrize("damage", [b"", b"no scan", None], ids=["empty", "other", "contents"])
def test_a_damaged_scan_is_made_again(world, image_of, damage):
    image_of(BASE, ABOVE, name="app:1")
    first = analyze(world, "app:1")
    for path in scans(world):
        if damage is None and path.suffix == ".contents":
            path.write_bytes(b"")
        elif damage is not None and path.suffix == ".zst":
            path.write_bytes(damage)
    assert essence(analyze(world, "app:1")) == essence(first)


def test_a_layer_that_lies_about_its_diff_id_leaves_nothing_for_others(world, store, image_of):
    honest = image_of(BASE, name="honest:1")
    [layer] = image_of({"app/other": b"o" * 7}).layers
    lying = Image.make([Layer(layer.descriptor, honest.layers[0].diff_id)], dict(honest.config.document), store)
    store.name(Reference.parse("lying:1"), store.put_manifest(lying.manifest.raw, lying.manifest.media_type, None))
    assert [one.path for one in analyze(world, "lying:1").shares] == ["app/other"]
    assert {one.path for one in analyze(world, "honest:1").shares} >= {"app/model", "usr/bin/tool"}
    assert {*world.snapshots.changeset(world.snapshots.adopt(honest.layers[0])).entries} >= {"app/model"}


def test_a_file_gives_lines_to_what_was_built_elsewhere(world, image_of, tmp_path: Path):
    image_of({"a": b"1"}, {"b": b"2"}, name="app:1")
    (tmp_path / "Dockerfile").write_text("FROM x\nCOPY a 0\n# more\nCOPY b 1\n")
    found = analyze(world, "app:1", dockerfile=tmp_path / "Dockerfile")
    assert [step.lines for step in found.steps] == [(2, 2), (4, 4)]
    assert found.dockerfile == str(tmp_path / "Dockerfile")


def test_a_base_in_the_store_is_known(world, image_of):
    image_of({"a": b"1"}, name="base:1")
    image_of({"a": b"1"}, {"b": b"2"}, name="app:1")
    found = analyze(world, "app:1")
    assert found.base == "base:1"
    assert [(layer.base, layer.shared) for layer in found.layers] == [(True, True), (False, False)]
