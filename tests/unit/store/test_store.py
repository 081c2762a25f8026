"""The store as a place for images, its names, and what it refuses."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from lissom.errors import IntegrityError, StoreError
from lissom.image.image import Image, put_bytes, read_blob
from lissom.oci.document import INDEX, Descriptor, Index
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.store.store import Store
from suites.images import ImagesSuite, blob_of

APP = Reference.parse("app:1")


class TestImages(ImagesSuite):
    @pytest.fixture
    def place(self, store: Store) -> Store:
        return store


def test_an_empty_store_is_an_oci_layout(store: Store) -> None:
    assert json.loads((store.root / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    assert json.loads((store.root / "index.json").read_text())["manifests"] == []
    assert (store.root / "lissom").stat().st_mode & 0o777 == 0o700


def test_the_index_names_images_by_whole_reference(store: Store, image_of) -> None:
    image = image_of({"a": b"1"}, name="app:1")
    (entry,) = json.loads((store.root / "index.json").read_text())["manifests"]
    assert entry["digest"] == image.digest
    assert entry["annotations"] == {
        "org.opencontainers.image.ref.name": "docker.io/library/app:1",
        "io.containerd.image.name": "docker.io/library/app:1",
    }


def test_a_damaged_blob_is_told_on_reading(store: Store) -> None:
    descriptor = blob_of(b"content")
    put_bytes(store, descriptor, b"content")
    path = store.path(descriptor.digest)
    path.chmod(0o644)
    path.write_bytes(b"contemt")
    with pytest.raises(IntegrityError, match="the bytes have digest"):
        read_blob(store, descriptor)


def test_a_writer_that_is_not_committed_leaves_nothing(store: Store) -> None:
    with store.writer() as writer:
        writer.write(b"half")
    assert os.listdir(store.temporary) == []
    with store.writer() as writer:
        writer.write(b"who")
        writer.write(b"le")
        digest, size = writer.commit()
    assert (digest, size) == (blob_of(b"whole").digest, 5)
    assert store.has(digest)


def test_a_manifest_whose_blobs_are_missing_is_refused(store: Store, image_of, tmp_path: Path) -> None:
    image = image_of({"a": b"1"})
    with Store.at(tmp_path / "other") as other, pytest.raises(IntegrityError, match="is not there"):
        other.put_manifest(image.manifest.raw, image.manifest.media_type, APP)


def test_an_image_that_loses_its_name_is_kept_without_one(store: Store, image_of) -> None:
    old, new = image_of({"a": b"1"}, name="app:1"), image_of({"a": b"2"}, name="app:1")
    assert [(e.reference, e.descriptor.digest) for e in store.entries()] == [(APP, new.digest), (None, old.digest)]
    store.name(APP, old.manifest.descriptor)
    assert [(e.reference, e.descriptor.digest) for e in store.entries()] == [(APP, old.digest), (None, new.digest)]


def test_removing_the_last_name_removes_the_image(store: Store, image_of) -> None:
    image_of({"a": b"1"}, name="app:1")
    assert store.remove(APP)
    assert not store.remove(APP)
    assert store.entries() == ()


@pytest.mark.parametrize("pick", [
    lambda image: "app:1", lambda image: "docker.io/library/app:1", lambda image: str(image.digest),
    lambda image: image.digest.hex, lambda image: image.digest.short, lambda image: image.digest.hex[:5],
    lambda image: image.config.digest.short, lambda image: str(image.config.digest),
    lambda image: f"app@{image.digest}",
])  # fmt: skip
def test_an_image_is_found_by(pick, store: Store, image_of) -> None:
    image_of({"b": b"other"}, name="other")
    image = image_of({"a": b"1"}, name="app:1")
    assert store.resolve(pick(image)).digest == image.digest


def test_what_is_not_there_is_told_with_a_hint(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        store.resolve("app:2")
    assert caught.value.message == f"cannot find image `app:2`: it is not in store `{store.root}`"
    assert caught.value.hint == "`lissom pull app:2` fetches it, `lissom images` lists what is there"
    assert caught.value.exit_code == 5


def test_a_name_beats_the_digits_of_an_id(store: Store, image_of) -> None:
    first = image_of({"a": b"1"}, name="app:1")
    named = image_of({"a": b"2"}, name=first.digest.hex[:8])
    assert store.resolve(first.digest.hex[:8]).digest == named.digest


def test_the_image_of_an_index_is_chosen_by_platform(store: Store, image_of) -> None:
    image = image_of({"a": b"1"})
    other = Descriptor(image.manifest.media_type, blob_of(b"elsewhere").digest, 9, platform=Platform("linux", "s390x"))
    mine = Descriptor(image.manifest.media_type, image.digest, len(image.manifest.raw), platform=Platform.host())
    index = Index.make([other, mine])
    store.put_manifest(index.raw, INDEX, APP)
    assert store.image(store.resolve("app:1")).digest == image.digest
    assert Image.open(store.manifest(store.resolve("app:1")), store).digest == image.digest
    with pytest.raises(StoreError, match="it has no such platform"):
        store.image(store.resolve("app:1"), Platform("linux", "riscv64"))


def test_a_directory_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(StoreError, match="the directory holds other files"):
        Store.at(tmp_path)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="it is not a directory"):
        Store.at(tmp_path / "file")


@pytest.mark.root
def test_the_store_of_another_user_is_refused(tmp_path: Path) -> None:
    Store.at(tmp_path / "store").close()
    os.chown(tmp_path / "store" / "lissom", 1234, 1234)
    with pytest.raises(StoreError) as caught:
        Store.at(tmp_path / "store")
    assert caught.value.message.endswith("it belongs to user 1234, this is user 0")


def test_a_foreign_layout_is_used_as_it_is(tmp_path: Path, store: Store, image_of) -> None:
    image_of({"a": b"1"}, name="app:1")
    index = json.loads((store.root / "index.json").read_text())
    index["manifests"][0]["annotations"] = {"org.opencontainers.image.ref.name": "busybox:1.35"}
    (store.root / "index.json").write_text(json.dumps(index))
    assert [str(reference) for reference, _ in store.references()] == ["docker.io/library/busybox:1.35"]


def test_a_put_that_is_already_there_reads_nothing(store: Store) -> None:
    put_bytes(store, blob_of(b"there"), b"there")
    stream = io.BytesIO(b"there")
    store.put(blob_of(b"there"), stream)
    assert stream.tell() == 0
