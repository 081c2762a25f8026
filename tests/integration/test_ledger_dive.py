"""Dive's score and its wasted bytes: what our ledger tells beside its own figures is what dive itself computes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger_scenes import layer, ledger_of_image
from ledger_stacks import Stack, read_back
from lissom.archive.docker import DockerArchiveWriter
from lissom.image.image import Image
from lissom.oci.reference import Reference
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset
from memory_images import MemoryBlobs, image_of

DIVE = Path(sys.executable).with_name("dive")
pytestmark = pytest.mark.skipif(not DIVE.exists(), reason="dive is not installed")


def archived(image: Image, path: Path) -> None:
    with path.open("wb") as out:
        writer = DockerArchiveWriter(out, path.parent)
        for descriptor in (image.manifest.config, *image.manifest.layers):
            with image.blobs.open(descriptor) as stream:
                writer.put(descriptor, stream)
        writer.put_manifest(image.manifest.raw, image.manifest.media_type, Reference.parse("t:1"))
        writer.close()


def told_by_dive(archive: Path) -> tuple[float, int]:
    report = archive.with_suffix(".json")
    command = [DIVE, "--source", "docker-archive", archive, "--json", report]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "CI": "true"})
    told = json.loads(report.read_text())["image"]
    return told["efficiencyScore"], told["inefficientBytes"]


def agree(image: Image, place: Path) -> None:
    archive = place / "image.tar"
    archived(image, archive)
    found = ledger_of_image(image)
    score, wasted = told_by_dive(archive)
    assert found.dive_wasted == wasted
    assert found.dive_efficiency == pytest.approx(score, abs=1e-12)


def names(changeset: Changeset) -> set[str]:
    return {*changeset.entries, *changeset.whiteouts}


def a_file(path: str, size: int, **fields) -> Entry:
    return Entry(path, Kind.FILE, 0o644, size=size, content=Inline(path[:1].encode() * size), **fields)


SCENES = {
    "a file written three times": [layer({"a/b": b"1" * 100}), layer({"a/b": b"2" * 70}), layer({"a/b": b"3" * 90})],
    "a file that goes": [layer({"a/b": b"1" * 100}), layer(gone=["a/b"])],
    "a directory that goes": [layer({"a/b": b"1" * 100, "a/c/d": b"2" * 50}), layer(gone=["a"])],
    "a directory that goes twice": [layer({"a/b": b"1" * 100}), layer(gone=["a"]), layer({"a/b": b"2"}), layer(gone=["a"])],
    "an opaque directory": [layer({"a/b": b"1" * 100}), layer({"a/c": b"2"}, opaque=["a"])],
    "a whiteout of nothing": [layer({"a/b": b"1" * 100, "z": b"1"}), layer({"z": b"22"}, gone=["m"]), layer({"z": b"333"})],
    "a whiteout in the lowest layer": [layer({"a/b": b"1", "z": b"22"}, gone=["c"]), layer({"z": b"1"})],
    "a file in a directory's place": [layer({"a/b": b"1" * 100}), layer({"a": b"file"}), layer(gone=["a"])],
    "a directory that is only implied": [
        Changeset.of([a_file("a/b/c", 40)]), Changeset.of([Entry("a", Kind.DIRECTORY, 0o755)], ["a/b"])
    ],
    "several names of a file": [
        Changeset.of([a_file(name, 100, inode="1") for name in ("a", "b", "c")]), layer({"b": b"x" * 10}), layer(gone=["a"])
    ],
    "empty directories": [layer({"d": Entry("d", Kind.DIRECTORY, 0o755)}), layer({"d/e": b"1" * 9}), layer(gone=["d"])],
    "names before a whiteout's": [layer({"d/-x": b"1" * 9, "d/+": b"2"}), layer({"d/y": b"3"}, gone=["d/-x", "d/+"])],
    "nothing at all": [layer({})],
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_dive_says_the_same_of_a_scene(name, tmp_path):
    agree(image_of(SCENES[name], MemoryBlobs()), tmp_path)


@pytest.mark.parametrize("seed", range(40))
def test_dive_says_the_same_of_any_layers(seed, tmp_path):
    # Dive takes names through links of their own layer as they are written, we take them to where they lead.
    layers = [one for one in Stack(seed).layers if {*read_back(one).entries, *read_back(one).whiteouts} == names(one)]
    agree(image_of(layers, MemoryBlobs()), tmp_path)
