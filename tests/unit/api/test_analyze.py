"""The ledger of an image of a store: the same however its layers are read, and what a build knows of its lines."""

from pathlib import Path

import pytest

from lissom.analysis.ledger.share import Ledger, WasteKind
from lissom.api import analyze as module
from lissom.api.analyze import analyze
from lissom.api.world import World
from lissom.rootfs.ownership import Ownership
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


def test_packed_kept_and_unpacked_layers_give_the_same(world, image_of, monkeypatch):
    image = image_of(BASE, ABOVE, name="app:1", Cmd=["/run.sh"])
    first = analyze(world, "app:1")
    assert first.wasted()[WasteKind.PACKAGE_LISTS] == 300
    assert first.wasted()[WasteKind.DUPLICATE] == 5000
    assert first.packages["deb tool"] == len(b"\x7fELF not quite") + len(b"/usr/bin/tool\n")
    with monkeypatch.context() as patched:
        patched.setattr(module, "scan_packed", lambda *_, **__: pytest.fail("the scan was kept"))
        assert essence(analyze(world, "app:1")) == essence(first)
    for delta in chain_of(image, world.snapshots):
        for path in world.snapshots.deltas.path(delta).glob("scan-*"):
            path.unlink()
    world.snapshots.lowers(chain_of(image, world.snapshots))
    with monkeypatch.context() as patched:
        patched.setattr(module, "scan_packed", lambda *_, **__: pytest.fail("the layer is unpacked"))
        assert essence(analyze(world, "app:1")) == essence(first)


@pytest.mark.parametrize("damage", [b"", b"no scan", None], ids=["empty", "other", "contents"])
def test_a_damaged_scan_is_made_again(world, image_of, damage):
    image = image_of(BASE, ABOVE, name="app:1")
    first = analyze(world, "app:1")
    for delta in chain_of(image, world.snapshots):
        place = world.snapshots.deltas.path(delta)
        if damage is None:
            next(path for path in place.glob("scan-*") if not path.suffix).write_bytes(b"")
        else:
            next(place.glob("scan-*.zst")).write_bytes(damage)
    assert essence(analyze(world, "app:1")) == essence(first)


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
