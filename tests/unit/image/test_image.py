"""Images as values."""

import pytest

from lissom.errors import IntegrityError
from lissom.image.image import Image, Layer, put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import DOCKER_LAYER_GZIP, LAYER_GZIP, Descriptor, Manifest
from memory_images import MemoryBlobs


def layer(sink: MemoryBlobs, data: bytes, media_type: str = LAYER_GZIP) -> Layer:
    descriptor = Descriptor(media_type, Digest.of(data), len(data))
    put_bytes(sink, descriptor, data)
    return Layer(descriptor, Digest.of(b"tar of " + data))


def test_dockers_layers_get_ocis_names_in_an_oci_manifest() -> None:
    sink = MemoryBlobs()
    made = Image.make([layer(sink, b"one", DOCKER_LAYER_GZIP)], {"architecture": "amd64", "os": "linux"}, sink)
    assert [d.media_type for d in made.manifest.layers] == [LAYER_GZIP]
    assert made.manifest.layers[0].digest == Digest.of(b"one")


def test_an_image_is_read_as_it_was_made() -> None:
    sink = MemoryBlobs()
    made = Image.make([layer(sink, b"one"), layer(sink, b"two")], {"architecture": "arm64", "os": "linux"}, sink)
    read = Image.open(made.manifest.descriptor, sink)
    assert read.layers == made.layers
    assert str(read.platform) == "linux/arm64"


def test_layers_and_diff_ids_must_agree() -> None:
    sink = MemoryBlobs()
    made = Image.make([layer(sink, b"one")], {"architecture": "amd64", "os": "linux"}, sink)
    broken = Manifest.make(made.manifest.config, [*made.manifest.layers, *made.manifest.layers])
    put_bytes(sink, broken.descriptor, broken.raw)
    with pytest.raises(IntegrityError, match="2 layers, 1 diff IDs"):
        Image.open(broken.descriptor, sink)
