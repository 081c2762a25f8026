"""Indexes of indexes: found through, read once, refused when they are nested too deep."""

import pytest

from lissom.api.documents import read_documents
from lissom.api.transfer import choose
from lissom.errors import IntegrityError, StoreError
from lissom.image.image import Image
from lissom.oci.document import Descriptor, Index
from lissom.oci.platform import Platform
from memory_images import MemoryBlobs


@pytest.fixture
def blobs():
    return MemoryBlobs()


def manifest(blobs, architecture):
    image = Image.make([], {"architecture": architecture, "os": "linux"}, blobs)
    made = image.manifest.descriptor
    return Descriptor(made.media_type, made.digest, made.size, platform=Platform("linux", architecture))


def index(blobs, *children):
    made = Index.make(children)
    blobs.blobs[made.digest] = made.raw
    return made.descriptor


def test_a_platform_is_found_in_any_inner_index(blobs):
    wanted = manifest(blobs, "arm64")
    top = index(blobs, index(blobs, manifest(blobs, "amd64")), index(blobs, index(blobs, wanted)))
    assert choose(top, blobs, Platform.parse("linux/arm64")).digest == wanted.digest


def test_all_platforms_are_named_when_one_is_missing(blobs):
    top = index(blobs, manifest(blobs, "amd64"), index(blobs, manifest(blobs, "arm64")))
    with pytest.raises(StoreError) as caught:
        choose(top, blobs, Platform.parse("linux/s390x"))
    assert caught.value.message == f"cannot use image `{top.digest}` for linux/s390x: it has no such platform"
    assert caught.value.hint == "its platforms: linux/amd64, linux/arm64"


def test_an_index_that_is_listed_often_is_read_once(blobs):
    top = index(blobs, *[manifest(blobs, "amd64")] * 50)
    for _ in range(6):  # 50 ** 7 ways
        top = index(blobs, *[top] * 50)
    assert len(read_documents(top, blobs)) == 8
    with pytest.raises(StoreError):
        choose(top, blobs, Platform.parse("linux/s390x"))


def test_indexes_nested_too_deep_are_refused(blobs):
    top = manifest(blobs, "amd64")
    for _ in range(12):
        top = index(blobs, top)
    with pytest.raises(IntegrityError) as copied:
        read_documents(top, blobs)
    with pytest.raises(IntegrityError) as chosen:
        choose(top, blobs, Platform.parse("linux/s390x"))
    assert "nested too deep" in copied.value.message
    assert "nested too deep" in chosen.value.message
