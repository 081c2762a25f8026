"""Layers, mutations and validation of images."""

import io
import tarfile
from dataclasses import replace

import pytest

from lissom.errors import IntegrityError, UsageError
from lissom.image.image import Image, Layer
from lissom.image.layers import pack, read_layer, tree
from lissom.image.mutate import append, configure, squash
from lissom.image.validate import find_problems, validate
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER, LAYER_ZSTD, Descriptor, ImageConfig
from lissom.rootfs.compress import Compression, decompressed
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset
from memory_images import MemoryBlobs, a_directory, a_file, a_link, image_of
from treedump import treedump

BASE = Changeset.of(
    [
        a_directory("d", mode=0o711),
        a_file("d/a", b"same", inode="1"),
        a_file("d/b", b"same", inode="1"),
        a_file("d/c", b"other"),
        a_file("gone", b"x" * 5000),
    ]
)
MIDDLE = Changeset.of([a_file("d/c", b"changed"), a_file("new", b"n")], whiteouts=["gone"])
TOP = Changeset.of([a_directory("d"), a_link("d/l", "b"), Entry("hard", Kind.HARDLINK, link="d/a")], whiteouts=["new"])
TREE = {
    "/": "directory 0755 0:0",
    "/d": "directory 0755 0:0",
    "/d/a": "file 0644 0:0 0967115f",
    "/d/b": "file 0644 0:0 0967115f same as /d/a",
    "/d/c": "file 0644 0:0 d67e2e94",
    "/d/l": "symlink 0777 0:0 -> b",
    "/hard": "file 0644 0:0 0967115f same as /d/a",
}


@pytest.fixture
def blobs():
    return MemoryBlobs()


@pytest.fixture
def image(blobs):
    return image_of([BASE, MIDDLE, TOP], blobs)


def test_the_tree_of_an_image(image, tmp_path):
    validate(image)
    assert treedump(tree(image, directory=tmp_path)) == TREE
    assert tree(image)["d/c"].content is None


@pytest.mark.parametrize(("text", "media_type"), [("zstd:1", LAYER_ZSTD), ("none", LAYER)])
def test_the_diff_id_does_not_depend_on_the_compression(blobs, text, media_type):
    one, two = pack(BASE, blobs.writer()), pack(BASE, blobs.writer(), compression=Compression.parse(text))
    assert one.diff_id == two.diff_id
    assert two.descriptor.media_type == media_type
    assert pack(BASE, blobs.writer()) == one


def test_times_are_clamped(blobs):
    changeset = Changeset.of([a_file("old", mtime=5), a_file("new", mtime=50)])
    layer = pack(changeset, blobs.writer(), timestamp=9)
    assert {e.path: e.mtime for e in read_layer(layer, blobs).entries.values()} == {"old": 5, "new": 9}


@pytest.mark.parametrize("keep", [0, 1])
def test_squash_keeps_the_tree_and_writes_each_inode_once(image, blobs, tmp_path, keep):
    squashed = squash(image, blobs, keep=keep, comment="squashed")
    validate(squashed)
    assert squashed.layers[:keep] == image.layers[:keep]
    assert len(squashed.layers) == keep + 1
    assert treedump(tree(squashed, directory=tmp_path)) == TREE
    assert [step.get("empty_layer", False) for step in squashed.config.history] == [
        n not in (keep - 1, 2) for n in range(3)
    ]
    assert squashed.config.history[2]["comment"] == "squashed"
    with (
        blobs.open(squashed.layers[-1].descriptor) as blob,
        tarfile.open(fileobj=io.BytesIO(decompressed(blob).read())) as tar,
    ):
        names = {m.name: m.linkname for m in tar if m.isreg() or m.islnk()}
    if keep:
        assert names == {".wh.gone": "", "d/a": "", "d/b": "d/a", "d/c": "", "hard": "d/a"}
    else:
        assert names == {"d/a": "", "d/b": "d/a", "d/c": "", "hard": "d/a"}


def test_squash_of_one_layer_is_the_image_itself(image, blobs):
    assert squash(image, blobs, keep=2) is image
    with pytest.raises(UsageError, match="it has 3 layers, of which 4 cannot stay"):
        squash(image, blobs, keep=4)


def test_opaque_directories_survive_a_squash(blobs, tmp_path):
    upper = Changeset.of([a_directory("d"), a_file("d/only", b"1")], opaques=["d"])
    image = image_of([BASE, upper, MIDDLE], blobs)
    expected = treedump(tree(image, directory=tmp_path))
    for keep in (0, 1):
        squashed = squash(image, blobs, keep=keep)
        validate(squashed)
        assert treedump(tree(squashed, directory=tmp_path)) == expected


def test_append_and_configure(image, blobs):
    layer = pack(Changeset.of([a_file("more", b"1")]), blobs.writer())
    longer = append(image, [layer], blobs, history=[{"created_by": "more"}])
    validate(longer)
    assert (longer.layers[-1], longer.config.history[-1]) == (layer, {"created_by": "more"})
    other = configure(longer, blobs, config={"Cmd": ["sh"], "Env": None}, history={"created_by": "CMD"})
    validate(other)
    assert other.config.config == {"Cmd": ["sh"]}
    assert other.config.history[-1] == {"created_by": "CMD", "empty_layer": True}
    assert image.config.config == {}, "the old image is as it was"


def test_what_is_wrong_is_named(image, blobs):
    first = image.layers[0]
    assert find_problems(image) == []
    missing = Descriptor(LAYER, Digest("sha256:" + "0" * 64), 1)
    made = Image.make([first, Layer(missing, first.diff_id)], image.config.document, blobs)
    assert find_problems(made) == [
        "2 layers, 3 steps of history that made one",
        f"layer 2: `{missing.digest}` is missing",
    ]
    wrong = Image.make(
        [replace(first, diff_id=image.layers[1].diff_id)], {**image.config.document, "history": []}, blobs
    )
    (problem,) = find_problems(wrong)
    assert problem.startswith(f"layer 1: cannot use layer `{first.descriptor.digest}`: its diff ID is")
    with pytest.raises(IntegrityError, match="cannot trust image"):
        validate(wrong)
    blobs.blobs[first.descriptor.digest] = b"damaged"
    assert "size or digest differ" in find_problems(image)[0]
    other = replace(image, config=ImageConfig.make({**image.config.document, "created": "now"}))
    assert "the config is not the one that the manifest names" in find_problems(other)


def test_duplicate_paths_are_a_problem(blobs):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for _ in range(2):
            tar.addfile(tarfile.TarInfo("twice"))
    data = out.getvalue()
    layer = Layer(Descriptor(LAYER, Digest.of(data), len(data)), Digest.of(data))
    blobs.put(layer.descriptor, io.BytesIO(data))
    image = Image.make([layer], {"architecture": "amd64", "os": "linux"}, blobs)
    assert find_problems(image) == ["layer 1: `/twice` is in it twice"]
