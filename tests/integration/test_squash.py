"""Squashed layers as foreign tools see them: umoci unpacks the image before and after to the same tree.

The cases are those in which squashers are known to lose or change files without a word.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lissom.image.image import Image
from lissom.image.mutate import squash
from lissom.image.validate import validate
from lissom.rootfs.disk import scan
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset
from memory_images import MemoryBlobs, a_directory, a_file, a_link, image_of
from treedump import treedump

pytestmark = [
    pytest.mark.root,
    pytest.mark.foreign,
    pytest.mark.skipif(os.geteuid() != 0, reason="owners and devices need root"),
    pytest.mark.skipif(shutil.which("umoci") is None, reason="umoci is not installed"),
]

BASE = Changeset.of([
    a_directory("d"), a_directory("d/sub"), a_file("d/sub/old", b"old", mtime=5), a_file("keep", b"k" * 100, mtime=7),
    a_link("bin", "d"),
])  # fmt: skip


def linked(*paths: str, data: bytes = b"linked", inode: str = "1") -> list[Entry]:
    return [a_file(path, data, inode=inode, mode=0o4755, uid=3, gid=4, mtime=9) for path in paths]


def later(*entries: Entry, gone: tuple[str, ...] = (), opaque: tuple[str, ...] = ()) -> Changeset:
    return Changeset.of(entries, gone, opaque)


CASES = {
    "one name of a file is overwritten": [later(*linked("a", "b")), later(a_file("a", b"new"))],
    "one name of a file is deleted": [later(*linked("a", "b", "c")), later(gone=("a",))],
    "a name is linked to a file of a lower layer": [
        later(*linked("a", "b")), later(Entry("c", Kind.HARDLINK, link="a")), later(gone=("a",)),
    ],
    "both names are overwritten by two files": [later(*linked("a", "b")), later(a_file("a", b"1"), a_file("b", b"1"))],
    "names hold the word of whiteouts": [
        later(a_file("x.wh.y", b"1"), a_directory("z.wh."), a_file("z.wh./in", b"2")), later(a_file("x.wh.y", b"3")),
    ],
    "a directory goes and comes again": [later(gone=("d",)), later(a_directory("d", mode=0o700), a_file("d/new", b"n"))],
    "a directory hides what is below": [later(a_directory("d"), a_file("d/new", b"n"), opaque=("d",))],
    "a directory hides what is below and gets it again": [
        later(a_directory("d"), opaque=("d",)), later(a_directory("d/sub"), a_file("d/sub/old", b"again")),
    ],
    "a file becomes a directory, a directory a file": [
        later(a_directory("keep"), a_file("keep/in", b"1")), later(a_file("d", b"file now")),
    ],
    "a link becomes a directory": [later(a_directory("bin"), a_file("bin/x", b"1")), later(gone=("bin/x",))],
    "a file is changed and deleted": [later(a_file("t", b"1")), later(a_file("t", b"2")), later(gone=("t",))],
    "attributes change, contents do not": [
        later(a_file("keep", b"k" * 100, mode=0o600, uid=7, gid=8, mtime=7)),
        later(a_file("keep", b"k" * 100, mode=0o640, uid=7, gid=8, mtime=8, xattrs={"user.note": b"1"})),
    ],
    "devices and names that are no text": [
        later(Entry("null", Kind.CHARACTER, 0o666, device=(1, 3)), Entry("pipe", Kind.FIFO), a_file("l\udce9", b"1")),
        later(gone=("pipe",)),
    ],
    "a layer does nothing": [Changeset(), later(a_file("e", b""))],
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_umoci_sees_the_same_tree(case: str, tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    image = image_of([BASE, *CASES[case]], blobs)
    expected = unpacked(image, blobs, tmp_path / "before")
    for keep in range(len(image.layers)):
        squashed = squash(image, blobs, keep=keep, workspace=tmp_path)
        validate(squashed)
        assert squashed.layers[:keep] == image.layers[:keep]
        assert unpacked(squashed, blobs, tmp_path / f"after-{keep}") == expected


def unpacked(image: Image, blobs: MemoryBlobs, directory: Path) -> dict[str, str]:
    place = directory / "layout/blobs/sha256"
    place.mkdir(parents=True)
    for digest, data in blobs.blobs.items():
        (place / digest.hex).write_bytes(data)
    named = image.manifest.descriptor.to_json() | {"annotations": {"org.opencontainers.image.ref.name": "1"}}
    (directory / "layout/index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}))
    (directory / "layout/oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    done = subprocess.run(
        ["umoci", "unpack", "--image", f"{directory}/layout:1", f"{directory}/bundle"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    found = treedump(scan(directory / "bundle/rootfs"), times=True)
    # umoci gives directories that a layer does not bring the time of unpacking.
    return {path: line.rpartition(" @")[0] if line.startswith("directory") else line for path, line in found.items()}
