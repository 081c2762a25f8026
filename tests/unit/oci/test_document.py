"""Documents keep their bytes, read what is known and carry the rest."""

import json

import pytest

from lissom.errors import IntegrityError
from lissom.oci.digest import Digest
from lissom.oci.document import (
    CONFIG,
    DOCKER_MANIFEST,
    EMPTY,
    INDEX,
    MANIFEST,
    Descriptor,
    ImageConfig,
    Index,
    Manifest,
    media_type_of,
)

BLOB = {"mediaType": "text/plain", "digest": str(Digest.of(b"x")), "size": 1}


def test_a_descriptor_round_trips_with_what_it_does_not_know() -> None:
    document = {**BLOB, "annotations": {"a": "b"}, "platform": {"architecture": "arm64", "os": "linux"}, "urls": ["u"]}
    assert Descriptor.parse(document).to_json() == document


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": -1}, "size `-1` is not a number of bytes"),
        ({"size": "1"}, "size `1` is not a number of bytes"),
        ({"size": True}, "size `True` is not a number of bytes"),
        ({"mediaType": None}, "mediaType is missing"),
        ({"digest": "nonsense"}, "is not of the form algorithm:hex"),
        ({"annotations": {"a": 1}}, "annotations are not a map of strings"),
        ({"data": "eQ=="}, "its data are not what its digest and size say"),
        ({"data": "eHg="}, "its data are not what its digest and size say"),
        ({"data": "?"}, "its data are not what its digest and size say"),
        ({"data": 1}, "its data are not what its digest and size say"),
    ],
    ids=range(10),
)
def test_a_wrong_descriptor_is_refused(change: dict, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        Descriptor.parse({**BLOB, **change})


def test_embedded_data_are_carried() -> None:
    assert Descriptor.parse({**BLOB, "data": "eA=="}).to_json() == {**BLOB, "data": "eA=="}


def test_an_artifact_tells_its_type_and_what_it_refers_to() -> None:
    config, subject = Descriptor.parse({**BLOB, "mediaType": EMPTY}), Descriptor.parse(BLOB)
    made = Manifest.make(config, [], {"a": "b"}, subject=subject, artifact_type="application/x")
    assert Manifest.parse(made.raw) == made
    assert (made.subject, made.artifact_type, made.is_image) == (subject, "application/x", False)
    helm = Manifest.make(Descriptor.parse({**BLOB, "mediaType": "application/helm"}), [])
    assert (helm.subject, helm.artifact_type, helm.is_image) == (None, "application/helm", False)
    image = Manifest.make(Descriptor.parse({**BLOB, "mediaType": CONFIG}), [])
    assert (image.artifact_type, image.is_image) == ("", True)


@pytest.mark.parametrize("change", [{"subject": 1}, {"subject": {}}, {"annotations": {"a": 1}}], ids=range(3))
def test_a_wrong_subject_or_annotation_is_refused(change: dict) -> None:
    manifest = {"schemaVersion": 2, "config": BLOB, "layers": [], **change}
    with pytest.raises(IntegrityError):
        Manifest.parse(json.dumps(manifest).encode())
    with pytest.raises(IntegrityError):
        Index.parse(json.dumps({"schemaVersion": 2, "manifests": [], **change}).encode())


def test_the_digest_is_of_the_bytes_as_they_came() -> None:
    raw = json.dumps({"schemaVersion": 2, "config": BLOB, "layers": [BLOB], "new": 1}, indent=7).encode()
    manifest = Manifest.parse(raw)
    assert manifest.media_type == MANIFEST
    assert manifest.digest == Digest.of(raw)
    assert manifest.raw == raw


def test_dockers_manifest_reads_the_same() -> None:
    raw = json.dumps({"schemaVersion": 2, "mediaType": DOCKER_MANIFEST, "config": BLOB, "layers": []}).encode()
    assert Manifest.parse(raw).media_type == DOCKER_MANIFEST


def test_the_old_schema_is_refused_by_name() -> None:
    with pytest.raises(IntegrityError, match="docker's schema 1 is no longer supported"):
        media_type_of(b'{"schemaVersion": 1}')


def test_an_index_is_known_by_its_fields() -> None:
    index = Index.make([Descriptor.parse(BLOB)])
    assert media_type_of(b'{"manifests": []}') == INDEX
    assert Index.parse(index.raw).manifests == index.manifests
    with pytest.raises(IntegrityError, match="is not an image manifest"):
        Manifest.parse(index.raw)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"3", b"{", b"\xff", b'{"rootfs": {"diff_ids": 3}}', b'{"history": 3}', b'{"config": "x"}']
)
def test_nonsense_is_refused(raw: bytes) -> None:
    with pytest.raises(IntegrityError, match="cannot read config"):
        ImageConfig.parse(raw)


def test_a_config_keeps_what_it_does_not_know() -> None:
    document = {"architecture": "amd64", "os": "linux", "x": {"y": 1}, "config": {"Env": ["A=b"], "Healthcheck": {}}}
    config = ImageConfig.make({**document, "rootfs": {"type": "layers", "diff_ids": []}})
    assert config.document["x"] == {"y": 1}
    assert config.config["Env"] == ["A=b"]
    assert config.diff_ids == ()
