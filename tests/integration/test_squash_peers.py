"""Where docker-squash loses data without a word, and what our squash leaves of the same layers.

docker loads and saves; docker-squash works on docker's daemon. What counts is the tree that the merged layers make.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lissom.archive.docker import DockerArchiveWriter, open_archive
from lissom.image.image import Image
from lissom.image.layers import tree
from lissom.image.mutate import squash
from lissom.oci.reference import Reference
from lissom.rootfs.entry import Entry
from lissom.rootfs.tree import Changeset
from memory_images import MemoryBlobs, a_directory, a_file, image_of
from oracle.engine import Docker
from treedump import treedump

PEER = Path(sys.executable).with_name("docker-squash")
pytestmark = [
    pytest.mark.root,
    pytest.mark.docker,
    pytest.mark.xdist_group("docker-squash"),
    pytest.mark.skipif(not PEER.exists(), reason="docker-squash is not installed"),
]


def layer(*entries: Entry, gone: tuple[str, ...] = (), opaque: tuple[str, ...] = ()) -> Changeset:
    return Changeset.of(entries, gone, opaque)


def linked(*paths: str) -> list[Entry]:
    return [a_file(path, b"linked", inode="1") for path in paths]


KEPT = layer(a_file("kept", b"kept"))
# The layers, and the paths that docker-squash loses or changes.
CASES: dict[str, tuple[list[Changeset], set[str]]] = {
    "the partner of a hard link is overwritten": ([layer(*linked("a", "b")), layer(a_file("a", b"new"))], {"/b"}),
    "the partner of a hard link is deleted": ([layer(*linked("a", "b")), layer(gone=("a",))], {"/b"}),
    "a file has the word of whiteouts in its name": ([layer(a_file("x.wh.y", b"1"))], {"/x.wh.y"}),
    "a directory has the word of whiteouts in its name": (
        [layer(a_directory("z.wh.d"), a_file("z.wh.d/in", b"2"))], {"/z.wh.d", "/z.wh.d/in"},
    ),
    "an opaque directory": (
        [layer(a_directory("d"), a_file("d/old", b"1")), layer(a_directory("d"), a_file("d/new", b"2"), opaque=("d",))],
        set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_ours_keeps_what_docker_squash_loses(case: str, docker: Docker, tmp_path: Path) -> None:
    layers, lost = CASES[case]
    blobs = MemoryBlobs()
    image = image_of([KEPT, *layers], blobs)
    expected = contents(image, tmp_path / "image")
    ours = squash(image, blobs, workspace=tmp_path)
    assert len(ours.layers) == 1
    assert contents(ours, tmp_path / "ours") == expected
    with squashed_by_peer(image, docker, tmp_path).open("rb") as file:
        archive = open_archive(file, "docker-squash's")
        theirs = contents(Image.open(archive.images()[0].descriptor, archive), tmp_path / "theirs")
    assert {path for path in expected | theirs if expected.get(path) != theirs.get(path)} == lost


def contents(image: Image, directory: Path) -> Mapping[str, str]:
    directory.mkdir()
    found = treedump(tree(image, directory=directory))
    return {path: line for path, line in found.items() if path != "/"}


def squashed_by_peer(image: Image, docker: Docker, place: Path) -> Path:
    """The archive of what docker-squash makes of ``image``."""
    name, archive, result = "peer-squash:before", place / "before.tar", place / "after.tar"
    with archive.open("wb") as out:
        writer = DockerArchiveWriter(out, place)
        for descriptor in (image.manifest.config, *image.manifest.layers):
            with image.blobs.open(descriptor) as stream:
                writer.put(descriptor, stream)
        writer.put_manifest(image.manifest.raw, image.manifest.media_type, Reference.parse(name))
        writer.close()
    docker.check("load", "-i", str(archive))
    done = subprocess.run(
        [PEER, "-t", "peer-squash:after", "--tmp-dir", place / "tmp", name],
        capture_output=True, check=False, env={**os.environ, "DOCKER_HOST": docker.host},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    docker.check("save", "-o", str(result), "peer-squash:after")
    docker.check("rmi", "-f", name, "peer-squash:after")
    return result
