"""Layouts and archives as places for images; what other tools write is read."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lissom.archive.docker import DockerArchive, DockerArchiveWriter, open_archive
from lissom.archive.layout import Layout
from lissom.archive.names import REF_NAME
from lissom.archive.oci import OciArchive, OciArchiveWriter
from lissom.archive.tarfiles import Members, seekable
from lissom.errors import IntegrityError, StoreError, UsageError
from lissom.image.image import Image, put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import EMPTY, INDEX, Descriptor, Index, Manifest
from lissom.oci.reference import Reference
from lissom.oci.referrers import referrer_of
from suites.images import ImagesSuite

APP = Reference.parse("app:1")


class TestLayout(ImagesSuite):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Layout:
        return Layout.create(tmp_path / "layout")


class TestOciArchive(ImagesSuite):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[OciArchiveWriter]:
        with (tmp_path / "app.tar").open("w+b") as file:
            yield OciArchiveWriter(file, tmp_path)


class TestDockerArchive(ImagesSuite):
    keeps_manifests = False

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[DockerArchiveWriter]:
        with (tmp_path / "app.tar").open("w+b") as file:
            yield DockerArchiveWriter(file, tmp_path)


def copy(image: Image, sink, reference: Reference | None = APP):
    for descriptor in (image.manifest.config, *image.manifest.layers):
        with image.blobs.open(descriptor) as stream:
            sink.put(descriptor, stream)
    return sink.put_manifest(image.manifest.raw, image.manifest.media_type, reference)


def test_a_docker_archive_has_uncompressed_layers_and_both_lists(image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"}, {"b": b"2"}, Cmd=["/a"])
    path = tmp_path / "app.tar"
    with path.open("w+b") as file:
        writer = DockerArchiveWriter(file, tmp_path)
        copy(image, writer)
        copy(image, writer, Reference.parse("registry.example/app:2"))
        writer.close()
    with tarfile.open(path) as tar:
        names = tar.getnames()
        (entry,) = json.load(tar.extractfile("manifest.json"))
        layers = [tar.extractfile(name).read() for name in entry["Layers"]]
    assert entry["RepoTags"] == ["app:1", "registry.example/app:2"]
    assert entry["Config"] == f"blobs/sha256/{image.config.digest.hex}"
    assert entry["Layers"] == [f"blobs/sha256/{diff_id.hex}" for diff_id in image.config.diff_ids]
    assert [list(Members(io.BytesIO(layer), "layer").names()) for layer in layers] == [["a"], ["b"]]
    assert len(names) == len(set(names))
    with path.open("rb") as file:
        archive = open_archive(file, "app.tar")
        assert isinstance(archive, DockerArchive)
        assert [image.reference.familiar for image in archive.images()] == ["app:1", "registry.example/app:2"]
        read = Image.open(archive.find("app:1"), archive)
        assert read.config == image.config


def test_the_same_images_make_the_same_archive(image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"})
    made = []
    for _ in range(2):
        with (tmp_path / "app.tar").open("w+b") as file:
            writer = DockerArchiveWriter(file, tmp_path)
            copy(image, writer)
            writer.close()
        made.append((tmp_path / "app.tar").read_bytes())
    assert made[0] == made[1]


def test_a_pipe_gets_the_same_archive_as_a_file(image_of, tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.data += bytes(data)
            return len(data)

    image, pipe = image_of({"a": b"1" * 3000}), Pipe()
    for out in (pipe, (tmp_path / "app.tar").open("w+b")):
        writer = DockerArchiveWriter(out, tmp_path)
        copy(image, writer)
        writer.close()
        if out is not pipe:
            out.close()
    assert pipe.data == (tmp_path / "app.tar").read_bytes()


def test_an_index_does_not_fit_into_a_docker_archive(tmp_path: Path) -> None:
    with (tmp_path / "app.tar").open("w+b") as file:
        writer = DockerArchiveWriter(file, tmp_path)
        with pytest.raises(UsageError, match="a docker archive holds one platform"):
            writer.put_manifest(Index.make([]).raw, INDEX, APP)


def test_an_oci_archive_keeps_digests(image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"})
    with (tmp_path / "app.tar").open("w+b") as file:
        writer = OciArchiveWriter(file, tmp_path)
        copy(image, writer)
        writer.close()
    with (tmp_path / "app.tar").open("rb") as file:
        archive = open_archive(file, "app.tar")
        assert isinstance(archive, OciArchive)
        assert archive.find("").digest == archive.find("app:1").digest == archive.find("1").digest == image.digest
        with pytest.raises(StoreError) as caught:
            archive.find("web")
    assert caught.value.message == "cannot find image `web` in `app.tar`: there is no such name"
    assert caught.value.hint == "it holds app:1"


def test_compressed_archives_and_pipes_are_spooled(image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"})
    with (tmp_path / "app.tar").open("w+b") as file:
        writer = OciArchiveWriter(file, tmp_path)
        copy(image, writer)
        writer.close()
    packed = tmp_path / "app.tar.gz"
    packed.write_bytes(gzip.compress((tmp_path / "app.tar").read_bytes()))
    with seekable(packed, tmp_path) as file:
        assert open_archive(file, "app.tar.gz").find("").digest == image.digest


def old_archive(image: Image, path: Path) -> None:
    """As docker wrote before 25: a directory for each layer, a link for one that comes twice."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:

        def add(name: str, data: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))

        first = image.layers[0]
        with image.blobs.open(first.descriptor) as stream:
            add("aaa/layer.tar", gzip.decompress(stream.read()))
        link = tarfile.TarInfo("bbb/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../aaa/layer.tar"
        tar.addfile(link)
        add("config.json", image.config.raw)
        entry = {"Config": "config.json", "RepoTags": None, "Layers": ["aaa/layer.tar", "bbb/layer.tar"]}
        add("manifest.json", json.dumps([entry]).encode())


def test_old_docker_archives_with_links_are_read(image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"}, {"a": b"1"})
    old_archive(image, tmp_path / "old.tar")
    with (tmp_path / "old.tar").open("rb") as file:
        archive = open_archive(file, "old.tar")
        (held,) = archive.images()
        read = Image.open(held.descriptor, archive)
        assert held.reference is None
        assert read.config == image.config
        assert [layer.descriptor.digest for layer in read.layers] == list(image.config.diff_ids)


def test_a_layer_that_is_not_its_diff_id_is_refused(image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"}, {"a": b"1"})
    old_archive(image, tmp_path / "old.tar")
    data = (tmp_path / "old.tar").read_bytes()
    at = data.index(b"a" + bytes(99), 512)
    (tmp_path / "old.tar").write_bytes(data[:at] + b"x" + data[at + 1 :])
    with (tmp_path / "old.tar").open("rb") as file:
        archive = open_archive(file, "old.tar")
        read = Image.open(archive.find(""), archive)
        with (
            pytest.raises(IntegrityError, match="the bytes have digest"),
            archive.open(read.manifest.layers[0]) as stream,
        ):
            stream.read()


@pytest.mark.parametrize("data", [b"", b"no tar at all" * 100, bytes(512), b"x" * 512])
def test_what_is_no_archive_is_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(data)
    with (tmp_path / "x.tar").open("rb") as file, pytest.raises(IntegrityError, match=r"cannot read `x\.tar`"):
        open_archive(file, "x.tar")


def test_links_of_members_stay_in_the_archive(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        link = tarfile.TarInfo("passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "../../etc/passwd"
        tar.addfile(link)
        loop = tarfile.TarInfo("loop")
        loop.type, loop.linkname = tarfile.SYMTYPE, "loop"
        tar.addfile(loop)
    with (tmp_path / "x.tar").open("rb") as file:
        members = Members(file, "x.tar")
        assert "passwd" not in members
        assert "loop" not in members
        with pytest.raises(IntegrityError, match="`passwd` is missing in it"):
            members.read("passwd")


def test_a_layout_names_images_by_tag_for_other_tools(image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"})
    layout = Layout.create(tmp_path / "layout")
    copy(image, layout)
    copy(image, layout)
    (entry,) = json.loads((tmp_path / "layout" / "index.json").read_text())["manifests"]
    assert entry["annotations"]["org.opencontainers.image.ref.name"] == "1"
    assert entry["annotations"]["io.containerd.image.name"] == "docker.io/library/app:1"
    again = Layout.open_directory(tmp_path / "layout")
    assert again.find("1").digest == again.find("app:1").digest == again.find("").digest == image.digest


def test_a_layout_is_not_written_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(StoreError, match="the directory holds other files"):
        Layout.create(tmp_path)
    with pytest.raises(StoreError, match="it is not an OCI layout"):
        Layout.open_directory(tmp_path)


def referrer_to(image: Image, place, number: int) -> Manifest:
    empty = Descriptor(EMPTY, Digest.of(b"{}"), 2)
    put_bytes(place, empty, b"{}")
    kind, notes = f"application/x{number}", {REF_NAME: "evil"}
    made = Manifest.make(empty, [empty], notes, subject=image.manifest.descriptor, artifact_type=kind)
    place.put_manifest(made.raw, made.media_type, None)
    return made


def test_a_layout_lists_what_refers_to_its_image(image_of, tmp_path: Path) -> None:
    layout, image = Layout.create(tmp_path / "layout"), image_of({"a": b"1"})
    layout.keep(copy(image, layout, None))
    bills = [referrer_to(image, layout, number) for number in (0, 1, 1)]
    assert layout.find("").digest == image.digest
    assert {d.digest for d in layout.referrers(image.digest)} == {bill.digest for bill in bills}
    assert [d.digest for d in layout.referrers(image.digest, "application/x1")] == [bills[1].digest]
    assert [held.names for held in layout.images()] == [(), (), ()]
    other = image_of({"a": b"2"})
    layout.keep(copy(other, layout, None))
    assert layout.find("").digest == other.digest
    assert len(layout.referrers(image.digest)) == 2
    assert layout.referrers(other.digest) == ()


def test_a_layout_may_list_referrers_under_a_tag(image_of, tmp_path: Path) -> None:
    layout, image = Layout.create(tmp_path / "layout"), image_of({"a": b"1"})
    copy(image, layout)
    bill = referrer_to(image, layout, 1)
    _, referrer = referrer_of(bill.raw, bill.media_type)
    tag = f"sha256-{image.digest.hex}"
    listed = Index.make([image.manifest.descriptor, Index.make([referrer]).descriptor])
    raw = json.loads(listed.raw)
    raw["manifests"][0]["annotations"], raw["manifests"][1]["annotations"] = {REF_NAME: "1"}, {REF_NAME: tag}
    layout.put_manifest(Index.make([referrer]).raw, INDEX, None)
    (tmp_path / "layout" / "index.json").write_text(json.dumps(raw))
    assert layout.referrers(image.digest) == (referrer,)
    assert layout.find("").digest == image.digest


def test_an_archive_keeps_referrers_too(image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"})
    with (tmp_path / "app.tar").open("w+b") as file:
        writer = OciArchiveWriter(file, tmp_path)
        copy(image, writer)
        bill = referrer_to(image, writer, 1)
        referrer_to(image, writer, 1)
        writer.close()
        file.seek(0)
        archive = OciArchive(Members(file, "it"))
        assert archive.find("").digest == image.digest
        assert [d.digest for d in archive.referrers(image.digest)] == [bill.digest]
        assert len(archive.images()) == 2
