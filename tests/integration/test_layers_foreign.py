"""Foreign witnesses: GNU tar, umoci and skopeo read what we write, and unpack what we unpack to the same tree."""

import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lissom.image.image import Image
from lissom.image.layers import tree
from lissom.image.mutate import squash
from lissom.image.validate import validate
from lissom.oci.document import Descriptor, Index
from lissom.rootfs.disk import extract, read_upper, scan
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tar import write_layer
from lissom.rootfs.tree import Changeset
from memory_images import MemoryBlobs, a_directory, a_file, a_link, image_of
from treedump import treedump

pytestmark = [pytest.mark.root, pytest.mark.skipif(os.geteuid() != 0, reason="owners and devices need root")]
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
ENTRIES = [
    a_directory("dir", mode=0o1777, uid=1000, gid=50, mtime=1_500_000_000),
    a_file("dir/a", b"linked" * 100, mode=0o4755, uid=3, gid=4, inode="1", mtime=1_400_000_000),
    a_file("dir/b", b"linked" * 100, mode=0o4755, uid=3, gid=4, inode="1", mtime=1_400_000_000),
    a_file("dir/big", bytes(range(256)) * 20_000),
    a_file("dir/cap", b"x", xattrs={"security.capability": CAPABILITY, "user.note": b"\x00=\n"}),
    a_file("n" * 150 + "/" + "m" * 200, b"long"),
    a_file("grüße/ñ", b"utf-8", uid=1 << 25),
    a_file("latin-\udce9", b"no utf-8"),
    a_link("link", "dir/" + "t" * 200),
    a_link("etc", "/usr/etc"),
    Entry("null", Kind.CHARACTER, 0o666, device=(1, 3)),
    Entry("loop", Kind.BLOCK, 0o660, gid=6, device=(7, 300)),
    Entry("pipe", Kind.FIFO, 0o600),
]


def need(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def dump(directory):
    found = treedump(scan(directory), times=True)
    del found["/"]
    return found


def full(changeset=None):
    """The changeset with its parents, as an overlay upper directory would give it."""
    return (changeset or Changeset.of(ENTRIES)).complete(tree_of())


def tree_of(*changesets):
    from lissom.rootfs.tree import Tree

    result = Tree()
    for changeset in changesets:
        result = result.apply(changeset)
    return result


def test_gnu_tar_unpacks_what_we_write(tmp_path):
    expected = treedump(full().entries, times=True)
    with (tmp_path / "layer.tar").open("wb") as out:
        write_layer(full(), out)
    (tmp_path / "x").mkdir()
    run(
        "tar", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-xpf", tmp_path / "layer.tar", "-C", tmp_path / "x"
    )
    assert dump(tmp_path / "x") == expected


@pytest.mark.parametrize("form", ["pax", "gnu"])
def test_we_unpack_what_gnu_tar_writes(tmp_path, form):
    (tmp_path / "source").mkdir()
    with (tmp_path / "layer.tar").open("wb") as out:
        write_layer(full(), out)
    with (tmp_path / "layer.tar").open("rb") as stream:
        extract(stream, tmp_path / "source", origin="layer")
    expected = dump(tmp_path / "source")
    if form == "gnu":  # has no place for extended attributes
        expected["/dir/cap"] = expected["/dir/cap"].split(" security")[0] + " @0"
        options = ["--format=gnu"]
    else:
        options = ["--format=pax", "--xattrs", "--xattrs-include=*"]
    run("tar", *options, "--numeric-owner", "-czf", tmp_path / "theirs.tar.gz", "-C", tmp_path / "source", ".")
    (tmp_path / "x").mkdir()
    with (tmp_path / "theirs.tar.gz").open("rb") as stream:
        extract(stream, tmp_path / "x", origin="theirs")
    assert dump(tmp_path / "x") == expected


def write_layout(image, blobs, directory, name="test"):
    """An OCI layout, written by hand so that no other code of ours takes part."""
    place = directory / "blobs/sha256"
    place.mkdir(parents=True)
    for digest, data in blobs.blobs.items():
        (place / digest.hex).write_bytes(data)
    descriptor = image.manifest.descriptor.to_json() | {"annotations": {"org.opencontainers.image.ref.name": name}}
    (directory / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [descriptor]}))
    (directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')


def three_layers(blobs):
    """The second layer hides and replaces, the third links to what the first one has."""
    second = Changeset.of([a_directory("dir", mode=0o755), a_file("dir/big", b"small now")], ["dir/b", "pipe"], [])
    third = Changeset.of(
        [a_directory("n" * 150), a_file("n" * 150 + "/new", b"1"), a_file("link", b"2")], [], ["n" * 150]
    )
    return image_of([full(), second, third], blobs)


@pytest.mark.foreign
@need("umoci")
@pytest.mark.parametrize("squashed", [False, True])
def test_umoci_unpacks_our_image_to_our_tree(tmp_path, squashed):
    blobs = MemoryBlobs()
    image = three_layers(blobs)
    expected = treedump(tree(image, directory=tmp_path))
    if squashed:
        image = squash(image, blobs)
    validate(image)
    write_layout(image, blobs, tmp_path / "oci")
    run("umoci", "unpack", "--image", f"{tmp_path}/oci:test", tmp_path / "bundle")
    found = treedump(scan(tmp_path / "bundle/rootfs"))
    assert {**found, "/": ""} == {**expected, "/": ""}


@pytest.mark.foreign
@need("skopeo")
def test_skopeo_copies_our_image(tmp_path):
    blobs = MemoryBlobs()
    image = three_layers(blobs)
    write_layout(image, blobs, tmp_path / "oci")
    run("skopeo", "copy", f"oci:{tmp_path}/oci:test", f"dir:{tmp_path}/out")
    assert (tmp_path / "out/manifest.json").read_bytes() == image.manifest.raw
    assert json.loads(run("skopeo", "inspect", f"oci:{tmp_path}/oci:test"))["Architecture"] == "amd64"


class LayoutBlobs:
    """The blobs of an OCI layout on disk."""

    def __init__(self, directory):
        self.place = Path(directory) / "blobs/sha256"

    def has(self, digest):
        return (self.place / digest.hex).exists()

    def open(self, descriptor: Descriptor):
        return (self.place / descriptor.digest.hex).open("rb")


def corpus():
    """The smallest image of more than one layer in the layout that LISSOM_CORPUS_BASES names."""
    directory = os.environ["LISSOM_CORPUS_BASES"]
    index = Index.parse((Path(directory) / "index.json").read_bytes())
    images = [Image.open(descriptor, LayoutBlobs(directory)) for descriptor in index.manifests]
    images = [image for image in images if len(image.layers) > 1]
    return directory, min(images, key=lambda image: sum(layer.descriptor.size for layer in image.layers))


@pytest.mark.corpus
@pytest.mark.foreign
@need("umoci")
@pytest.mark.skipif("LISSOM_CORPUS_BASES" not in os.environ, reason="LISSOM_CORPUS_BASES names no OCI layout")
def test_a_real_image_unpacks_as_umoci_unpacks_it(tmp_path):
    directory, image = corpus()
    validate(image)
    (tmp_path / "ours").mkdir()
    for layer in image.layers:
        with image.blobs.open(layer.descriptor) as stream:
            extract(stream, tmp_path / "ours", origin=str(layer.diff_id))
    index = Index.parse((Path(directory) / "index.json").read_bytes())
    name = next(m.annotations["org.opencontainers.image.ref.name"] for m in index.manifests if m.digest == image.digest)
    run("umoci", "unpack", "--image", f"{directory}:{name}", tmp_path / "bundle")
    ours, theirs = scan(tmp_path / "ours"), scan(tmp_path / "bundle/rootfs")
    assert {**treedump(ours), "/": ""} == {**treedump(theirs), "/": ""}
    merged = treedump(tree(image, directory=tmp_path))
    assert {**merged, "/": ""} == {**treedump(ours), "/": ""}


@pytest.mark.skipif(not Path("/proc/filesystems").read_text().count("overlay"), reason="the kernel has no overlayfs")
def test_overlayfs_sees_what_the_tree_says(tmp_path):
    """Lower directories unpacked in overlay form, mounted by the kernel, changed, and the upper read back."""
    blobs = MemoryBlobs()
    image = three_layers(blobs)
    lowers = []
    for number, layer in enumerate(image.layers):
        directory = tmp_path / f"layer{number}"
        directory.mkdir()
        with blobs.open(layer.descriptor) as stream:
            extract(stream, directory, origin=str(number), overlay=True)
        lowers.insert(0, str(directory))
    for name in ("upper", "work", "merged"):
        (tmp_path / name).mkdir()
    options = f"lowerdir={':'.join(lowers)},upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    mounted = subprocess.run(
        ["mount", "-t", "overlay", "overlay", "-o", options, str(tmp_path / "merged")], check=False
    )
    if mounted.returncode:
        pytest.skip("overlay cannot be mounted here")
    merged = tmp_path / "merged"
    try:
        expected = treedump(tree(image, directory=tmp_path), groups=False)
        assert {**treedump(scan(merged), groups=False), "/": ""} == {**expected, "/": ""}
        shutil.rmtree(merged / "dir")
        (merged / "dir").mkdir()
        (merged / "dir/fresh").write_text("1")
        (merged / "null").unlink()
        os.link(merged / "grüße/ñ", merged / "other name")
        after = treedump(scan(merged))
    finally:
        run("umount", merged)
    upper = read_upper(tmp_path / "upper", origin="upper")
    assert (upper.whiteouts, upper.opaques) == ({"null"}, {"dir"})
    assert {**treedump(tree(image, directory=tmp_path).apply(upper)), "/": ""} == {**after, "/": ""}
    out = io.BytesIO()
    write_layer(upper, out)
