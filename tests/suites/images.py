"""One conformance suite for everything that implements Images: subclass it and give ``place``.

A place whose ``keeps_manifests`` is False writes manifests anew (docker archives: layers are stored uncompressed).
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from lissom.errors import LissomError
from lissom.image.image import Image, Images, put_bytes, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER, Descriptor
from lissom.oci.reference import Reference

NAME = Reference.parse("registry.example/team/app:1")


def blob_of(data: bytes, media_type: str = LAYER) -> Descriptor:
    return Descriptor(media_type, Digest.of(data), len(data))


class ImagesSuite:
    """What Store, layouts, archives and registries have in common."""

    keeps_manifests = True

    @pytest.fixture
    def place(self) -> Images:
        raise NotImplementedError

    @pytest.fixture
    def name(self) -> Reference:
        return NAME

    def test_a_blob_that_was_put_is_there_and_reads_back(self, place: Images) -> None:
        data = bytes(range(256)) * 5000
        descriptor = blob_of(data)
        assert not place.has(descriptor.digest)
        put_bytes(place, descriptor, data)
        assert place.has(descriptor.digest)
        assert read_blob(place, descriptor) == data

    def test_putting_again_is_fine(self, place: Images) -> None:
        for _ in range(3):
            put_bytes(place, blob_of(b"again"), b"again")
        assert read_blob(place, blob_of(b"again")) == b"again"

    def test_an_empty_blob(self, place: Images) -> None:
        put_bytes(place, blob_of(b""), b"")
        assert read_blob(place, blob_of(b"")) == b""

    @pytest.mark.parametrize("given", [b"wrong", b"right and more", b"rig", b""])
    def test_bytes_that_are_not_the_descriptors_are_refused(self, place: Images, given: bytes) -> None:
        descriptor = blob_of(b"right")
        with pytest.raises(LissomError):
            place.put(descriptor, io.BytesIO(given))
        assert not place.has(descriptor.digest)
        put_bytes(place, descriptor, b"right")
        assert read_blob(place, descriptor) == b"right"

    def test_a_missing_blob_is_told(self, place: Images) -> None:
        with pytest.raises(LissomError), place.open(blob_of(b"missing")) as stream:
            stream.read()

    def test_an_image_is_found_by_name_and_reads_back(self, place: Images, name: Reference) -> None:
        image = self.image(place, b"one")
        put = place.put_manifest(image.manifest.raw, image.manifest.media_type, name)
        found = place.get_manifest(name)
        assert found.digest == put.digest
        read = Image.open(found, place)
        assert read.config == image.config
        assert self.keeps_manifests is False or read.manifest == image.manifest

    def test_a_name_moves_to_the_image_that_was_put_last(self, place: Images, name: Reference) -> None:
        for data in (b"one", b"two"):
            image = self.image(place, data)
            place.put_manifest(image.manifest.raw, image.manifest.media_type, name)
        assert Image.open(place.get_manifest(name), place).config == image.config

    def test_an_unknown_name_is_told(self, place: Images, name: Reference) -> None:
        with pytest.raises(LissomError):
            place.get_manifest(name.with_tag("missing"))

    def test_several_threads_put_at_once(self, place: Images) -> None:
        blobs = [bytes([number % 7]) * 100_000 for number in range(40)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda data: put_bytes(place, blob_of(data), data), blobs))
        assert all(read_blob(place, blob_of(data)) == data for data in blobs)

    def image(self, place: Images, data: bytes) -> Image:
        """A minimal image with one uncompressed layer that is in ``place``."""
        from lissom.image.image import Layer

        put_bytes(place, blob_of(data), data)
        document = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/x"]}, "history": [{"created_by": "x"}]}
        return Image.make([Layer(blob_of(data), Digest.of(data))], document, place)
