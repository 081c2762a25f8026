"""Lines from BuildKit's attestation, in both versions of its form."""

import json

import pytest

from lissom.analysis.ledger.provenance import read_provenance
from lissom.api.attested import attested
from lissom.api.world import World
from lissom.image.image import Image, put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import CONFIG, Descriptor, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.ownership import Ownership
from lissom.store.snapshots import Snapshots

LAYERS = ["sha256:" + letter * 64 for letter in "abc"]


def descriptors(count):
    return [{"mediaType": "x", "digest": digest, "size": 1} for digest in LAYERS[:count]]


def lines(first, last):
    return {"locations": [{"ranges": [{"start": {"line": first}, "end": {"line": last}}]}]}


TOLD = {
    "source": {
        "locations": {"step0": {}, "step1": lines(3, 5), "step2": lines(7, 7)},
        "infos": [{"filename": "Dockerfile.prod", "data": ""}],
    },
    "layers": {"step0:0": [descriptors(1)], "step1:0": [descriptors(2)], "step2:0": [descriptors(3)]},
}
OLD = {"predicate": {"metadata": {"https://mobyproject.org/buildkit@v1#metadata": TOLD}}}
NEW = {"predicate": {"runDetails": {"metadata": {"buildkit_metadata": TOLD}}}}


@pytest.mark.parametrize("statement", [OLD, NEW], ids=["0.2", "1"])
def test_each_layer_has_the_lines_of_its_step(statement):
    found = read_provenance(statement, LAYERS)
    assert found is not None
    assert (found.file, found.layers) == ("Dockerfile.prod", {1: (3, 5), 2: (7, 7)})


STRANGE = [
    None, [], "x", {}, {"predicate": 5}, {"predicate": {"metadata": []}},
    {"predicate": {"runDetails": {"metadata": {"buildkit_metadata": {"source": {"locations": []}, "layers": [1]}}}}},
    {"predicate": {"runDetails": {"metadata": {"buildkit_metadata": {
        "source": {"locations": {"step1": {"locations": [None, {"ranges": [{"start": {"line": -1}, "end": 7}]}]}}},
        "layers": {"step1:0": [descriptors(2), None, [None]]}}}}}},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(STRANGE)))
def test_strange_statements_tell_nothing(number):
    assert read_provenance(STRANGE[number], LAYERS) is None


def test_the_attestation_is_found_in_the_images_index(store, image_of):
    image: Image = image_of({"a": b"1"}, {"b": b"2"})
    chain = [layer.descriptor.to_json() for layer in image.layers]
    told = {"source": {"locations": {"step3": lines(2, 4)}}, "layers": {"step3:0": [chain]}}
    raw = json.dumps({"predicate": {"runDetails": {"metadata": {"buildkit_metadata": told}}}}).encode()
    statement = Descriptor(
        "application/vnd.in-toto+json", Digest.of(raw), len(raw),
        annotations={"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"},
    )  # fmt: skip
    config = Descriptor(CONFIG, Digest.of(b"{}"), 2)
    manifest = Manifest.make(config, [statement])
    put_bytes(store, statement, raw)
    put_bytes(store, config, b"{}")
    put_bytes(store, manifest.descriptor, manifest.raw)
    named = Descriptor(
        manifest.media_type, manifest.digest, len(manifest.raw), platform=Platform("unknown", "unknown"),
        annotations={
            "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": str(image.digest),
        },
    )  # fmt: skip
    own = Descriptor(image.manifest.media_type, image.digest, len(image.manifest.raw), platform=image.platform)
    index = Index.make([own, named])
    store.put_manifest(index.raw, index.media_type, Reference.parse("app:1"))
    world = World(store, Snapshots(store, Ownership.KERNEL), lambda: None)
    found = attested(world, "app:1", image)
    assert found is not None
    assert found.layers == {1: (2, 4)}
    other = image_of({"a": b"1"}, name="other:1")
    assert attested(world, "other:1", other) is None
