"""The bills that ``lissom distroless --sbom`` writes of what it made."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from inventory_scenes import DEBIAN
from lissom.api.distroless import Made
from lissom.api.world import World
from lissom.cli.distroless import _write_sboms
from lissom.image.image import Image
from lissom.oci.reference import Reference
from lissom.rootfs.ownership import Ownership
from lissom.store.snapshots import Snapshots


@pytest.fixture
def images(image_of, store) -> list[Image]:
    layers = image_of({path: data.encode() for path, data in DEBIAN.items()}).layers
    return [
        Image.make(layers, {"os": "linux", "architecture": name, "config": {}}, store) for name in ("amd64", "arm64")
    ]


@pytest.fixture
def world(store) -> World:
    snapshots = Snapshots(store, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)
    return World(store, snapshots, reach=lambda: pytest.fail("nothing is elsewhere"))


def test_one_platform_has_the_files_that_were_named(images, world, tmp_path: Path) -> None:
    made = Made(images[0].manifest.descriptor, (images[0],), (), (Reference.parse("team/base:1"),))
    _write_sboms((tmp_path / "b.spdx.json", tmp_path / "b.cdx.json"), made, world)
    assert sorted(path.name for path in tmp_path.glob("b*")) == ["b.cdx.json", "b.spdx.json"]
    assert json.loads((tmp_path / "b.spdx.json").read_text())["name"] == "team/base:1"
    assert json.loads((tmp_path / "b.cdx.json").read_text())["metadata"]["component"]["name"] == "team/base:1"


def test_each_of_several_platforms_has_its_own(images, world, tmp_path: Path) -> None:
    made = Made(images[0].manifest.descriptor, tuple(images), ())
    _write_sboms((tmp_path / "b.spdx.json",), made, world)
    found = {path.name: json.loads(path.read_text())["packages"][0]["versionInfo"] for path in tmp_path.glob("b*")}
    assert found == {f"b.{image.platform.architecture}.spdx.json": str(image.digest) for image in images}


def test_without_the_wish_nothing_is_written(images, world, tmp_path: Path) -> None:
    _write_sboms((), Made(images[0].manifest.descriptor, (images[0],), ()), world)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
