"""Images in another compression or format on their way: the content stays, for every platform."""

import gzip
import json

import pytest
import zstandard

from lissom.api.converting import Form
from lissom.api.moves import copy, push, push_all
from lissom.errors import IntegrityError, StoreError, UsageError
from lissom.events import Warned
from lissom.image.image import put_bytes, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import (
    CONFIG,
    DOCKER_CONFIG,
    DOCKER_INDEX,
    DOCKER_LAYER_GZIP,
    DOCKER_MANIFEST,
    INDEX,
    LAYER,
    LAYER_GZIP,
    LAYER_ZSTD,
    MANIFEST,
    Descriptor,
    Index,
    Manifest,
    canonical,
)
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression
from registry_server import cut_upload, status

SHARED = b"shared by platforms " * 9000
IN_TOTO = "application/vnd.in-toto+json"
REFERS = "vnd.docker.reference.digest"
ATTESTS = {"vnd.docker.reference.type": "attestation-manifest"}


def blob(store, data, media_type, **more):
    descriptor = Descriptor(media_type, Digest.of(data), len(data))
    put_bytes(store, descriptor, data)
    return descriptor.to_json() | more


def image(store, *contents, arch="amd64", docker=False, notes=None, subject=None):
    """A manifest over gzipped contents, in the store without a name."""
    gzipped = DOCKER_LAYER_GZIP if docker else LAYER_GZIP
    layers = [blob(store, gzip.compress(content, mtime=0), gzipped) for content in contents]
    layers[0]["annotations"] = {"mine": "stays", "containerd.io/snapshot/stargz/toc.digest": "goes"}
    diff_ids = [Digest.of(content) for content in contents]
    document = {"architecture": arch, "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}}
    fields = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST if docker else MANIFEST,
        "config": blob(store, canonical(document), DOCKER_CONFIG if docker else CONFIG),
        "layers": layers,
        "annotations": notes,
        "subject": subject,
    }
    raw = canonical({key: value for key, value in fields.items() if value})
    return store.put_manifest(raw, fields["mediaType"], None)


def attestation(store, of):
    layers = [blob(store, b'{"predicate": 1}', IN_TOTO)]
    config = blob(store, canonical({"architecture": "unknown", "os": "unknown"}), CONFIG)
    raw = canonical({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})
    entry = store.put_manifest(raw, MANIFEST, None).to_json()
    unknown = {"architecture": "unknown", "os": "unknown"}
    return entry | {"platform": unknown, "annotations": {REFERS: str(of.digest)} | ATTESTS}


def index(store, name, *, docker=False, attested=True):
    """Two platforms that share a layer, one of them in an index of its own, and what attests the first."""
    amd = image(store, SHARED, b"amd " * 5000, docker=docker, notes=None if docker else {"a": "b"})
    arm = image(store, SHARED, b"arm " * 5000, arch="arm64", docker=docker)
    kind = DOCKER_INDEX if docker else INDEX
    inner = canonical({"schemaVersion": 2, "mediaType": kind, "manifests": [platform(arm, "arm64")]})
    entries = [platform(amd, "amd64"), store.put_manifest(inner, kind, None).to_json()]
    entries += [attestation(store, amd)] if attested else []
    raw = canonical({"schemaVersion": 2, "mediaType": kind, "manifests": entries})
    return store.put_manifest(raw, kind, Reference.parse(name))


def platform(descriptor, arch):
    return descriptor.to_json() | {"platform": {"architecture": arch, "os": "linux"}}


def stored(server, repository, name):
    return server.state.manifests[repository, str(name)]


def images_below(server, repository, name):
    """Manifests of images, by architecture, of what a tag names."""
    kind, raw = stored(server, repository, name)
    if kind in (INDEX, DOCKER_INDEX):
        found = {}
        for child in Index.parse(raw).manifests:
            found |= images_below(server, repository, child.digest)
        return found
    manifest = Manifest.parse(raw)
    config = json.loads(server.state.blobs[manifest.config.digest])
    return {config["architecture"]: manifest}


def plain(server, layer):
    data = server.state.blobs[layer.digest]
    assert len(data) == layer.size
    if "gzip" in layer.media_type:
        return gzip.decompress(data)
    if "zstd" in layer.media_type:
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return data


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("zstd", LAYER_ZSTD), ("zstd:9", LAYER_ZSTD), ("none", LAYER), ("gzip:9", LAYER_GZIP)],
)
def test_every_platform_is_compressed_anew(server, access, form, media_type):
    before = index(access.store, "app:1")
    moved = push(access, "app:1", f"{server.host}/app:1", form=Form(Compression.parse(form)))
    assert moved.descriptor.digest != before.digest
    found = images_below(server, "app", 1)
    assert {layer.media_type for arch in ("amd64", "arm64") for layer in found[arch].layers} == {media_type}
    assert plain(server, found["amd64"].layers[0]) == plain(server, found["arm64"].layers[0]) == SHARED
    assert plain(server, found["arm64"].layers[1]) == b"arm " * 5000
    assert found["amd64"].layers[0].annotations == {"mine": "stays"}
    assert found["amd64"].annotations == {"a": "b"}


def test_configs_and_attestations_stay_and_are_found(server, access, heard):
    before = index(access.store, "app:1")
    was = Index.parse(read_blob(access.store, before))
    push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("zstd")))
    new = Index.parse(stored(server, "app", 1)[1])
    assert new.manifests[2].digest == was.manifests[2].digest
    assert new.manifests[2].annotations == {REFERS: new.manifests[0].digest} | ATTESTS
    (warned,) = [event.message for event in heard if isinstance(event, Warned)]
    assert f"`{new.manifests[0].digest.short}` are about `{was.manifests[0].digest.short}`" in warned
    old_config = Manifest.parse(read_blob(access.store, was.manifests[0])).config
    assert Manifest.parse(stored(server, "app", new.manifests[0].digest)[1]).config == old_config


def test_what_is_so_already_stays_byte_for_byte(server, access):
    before = index(access.store, "app:1")
    moved = push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("gzip"), "oci"))
    assert moved.descriptor.digest == before.digest


def test_a_second_push_compresses_nothing(server, access, tmp_path):
    index(access.store, "app:1")
    first = push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("zstd")))
    layer = access.store.path(Digest.of(gzip.compress(SHARED, mtime=0)))
    layer.chmod(0o600)
    layer.write_bytes(b"no longer readable")
    second = push(access, "app:1", f"{server.host}/app:2", form=Form(Compression("zstd")))
    assert second.descriptor == first.descriptor
    assert (second.blobs, second.present) == (0, first.blobs)
    assert not list(access.store.temporary.iterdir())


def test_a_remembered_result_helps_no_other_registry(server, access):
    index(access.store, "app:1")
    first = push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("zstd")))
    second = push(access, "app:1", f"{server.host}/elsewhere:1", form=Form(Compression("zstd")))
    assert second.descriptor == first.descriptor
    assert images_below(server, "elsewhere", 1)["amd64"].layers[0].digest in server.state.holds["elsewhere"]


def test_docker_manifests_with_zstd_become_ocis(server, access):
    index(access.store, "app:1", docker=True, attested=False)
    push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("zstd")))
    assert stored(server, "app", 1)[0] == INDEX
    found = images_below(server, "app", 1)
    assert {m.media_type for m in found.values()} == {MANIFEST}
    assert found["amd64"].config.media_type == CONFIG


def test_docker_manifests_stay_dockers_without_zstd(server, access):
    index(access.store, "app:1", docker=True, attested=False)
    push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("gzip", 9)))
    assert stored(server, "app", 1)[0] == DOCKER_INDEX
    found = images_below(server, "app", 1)
    assert {layer.media_type for m in found.values() for layer in m.layers} == {DOCKER_LAYER_GZIP}


def test_dockers_format_leaves_out_what_it_has_no_place_for(server, access, heard):
    index(access.store, "app:1")
    push(access, "app:1", f"{server.host}/app:1", form=Form(format="docker"))
    kind, raw = stored(server, "app", 1)
    assert kind == DOCKER_INDEX
    assert b"annotations" not in raw
    assert len(Index.parse(raw).manifests) == 2
    found = images_below(server, "app", 1)["amd64"]
    assert (found.media_type, found.config.media_type) == (DOCKER_MANIFEST, DOCKER_CONFIG)
    assert {layer.media_type for layer in found.layers} == {DOCKER_LAYER_GZIP}
    warned = [event.message for event in heard if isinstance(event, Warned)]
    assert any("(an attestation or artifact)" in message for message in warned)
    assert any("lost its annotations" in message for message in warned)


def test_dockers_format_and_back(server, access):
    before = image(access.store, b"content")
    access.store.put_manifest(read_blob(access.store, before), MANIFEST, Reference.parse("app:1"))
    push(access, "app:1", f"{server.host}/app:docker", form=Form(format="docker"))
    copy(access, f"docker://{server.host}/app:docker", f"docker://{server.host}/app:oci", form=Form(format="oci"))
    kind, raw = stored(server, "app", "oci")
    assert kind == MANIFEST
    assert Manifest.parse(raw).layers[0].digest == Manifest.parse(read_blob(access.store, before)).layers[0].digest


def test_zstd_in_dockers_format_becomes_gzip(server, access):
    index(access.store, "app:1", attested=False)
    push(access, "app:1", f"{server.host}/app:z", form=Form(Compression("zstd")))
    copy(
        access,
        f"docker://{server.host}/app:z",
        f"docker://{server.host}/app:d",
        everything=True,
        form=Form(format="docker"),
    )
    found = images_below(server, "app", "d")
    assert {layer.media_type for m in found.values() for layer in m.layers} == {DOCKER_LAYER_GZIP}
    assert plain(server, found["arm64"].layers[0]) == SHARED


@pytest.mark.parametrize("target", ["back:1", "oci:{}/d:1", "oci-archive:{}/f.tar:1"], ids=["store", "oci", "archive"])
def test_any_place_takes_another_form(access, tmp_path, target):
    index(access.store, "app:1")
    place = target.format(tmp_path)
    moved = copy(access, "app:1", place, everything=True, form=Form(Compression("zstd")))
    again = copy(access, place, "again:1", everything=True)
    assert again.descriptor.digest == moved.descriptor.digest
    layer = access.store.image(again.descriptor).layers[0]
    assert layer.descriptor.media_type == LAYER_ZSTD
    assert layer.diff_id == Digest.of(SHARED)


def test_a_manifest_keeps_its_subject(server, access):
    subject = {"mediaType": MANIFEST, "digest": "sha256:" + "a" * 64, "size": 7}
    made = image(access.store, b"content", subject=subject)
    access.store.put_manifest(read_blob(access.store, made), MANIFEST, Reference.parse("app:1"))
    push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("zstd")))
    assert json.loads(stored(server, "app", 1)[1])["subject"] == subject


def test_an_upload_of_what_was_compressed_goes_on_after_a_cut(server, access):
    index(access.store, "app:1", attested=False)
    server.fail("PUT", "/uploads/", cut_upload(60))
    server.fail("PUT", "/uploads/", status(503))
    push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("zstd")))
    assert plain(server, images_below(server, "app", 1)["amd64"].layers[0]) == SHARED


def test_a_layer_that_is_not_what_its_config_says_is_refused(server, access):
    made = image(access.store, b"content")
    manifest = json.loads(read_blob(access.store, made))
    manifest["layers"] = [blob(access.store, gzip.compress(b"other", mtime=0), LAYER_GZIP)]
    access.store.put_manifest(canonical(manifest), MANIFEST, Reference.parse("app:1"))
    with pytest.raises(IntegrityError) as caught:
        push(access, "app:1", f"{server.host}/app:1", form=Form(Compression("zstd")))
    assert f"its content has digest `{Digest.of(b'other')}`" in caught.value.message
    assert not server.state.manifests
    assert not list(access.store.temporary.iterdir())


def test_a_docker_archive_is_compressed_for_a_registry(server, access, tmp_path):
    index(access.store, "app:1")
    copy(access, "app:1", f"docker-archive:{tmp_path}/f.tar:app:1")
    copy(access, f"docker-archive:{tmp_path}/f.tar:app:1", f"docker://{server.host}/app:1")
    [found] = images_below(server, "app", 1).values()
    assert {layer.media_type for layer in found.layers} == {LAYER_GZIP}
    assert plain(server, found.layers[0]) == SHARED


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("zstd", "docker"), "cannot use --compression zstd with --format docker: docker's manifests know no zstd"),
        (("lzma", None), "cannot use compression `lzma`: it is none of gzip, zstd, none"),
    ],
    ids=["zstd-docker", "lzma"],
)
def test_forms_that_cannot_be(flags, message):
    with pytest.raises(UsageError) as caught:
        Form.parse(*flags)
    assert caught.value.message == message


def test_places_that_cannot_take_a_form(access, tmp_path):
    index(access.store, "app:1")
    for target, words in (
        (f"docker-archive:{tmp_path}/f.tar", "docker's archives hold plain layers"),
        ("docker://h/app@sha256:" + "0" * 64, "its digest would be another one"),
    ):
        with pytest.raises(UsageError) as caught:
            copy(access, "app:1", target, form=Form(Compression("zstd")))
        assert words in caught.value.message


def test_another_digest_than_the_target_names(server, access):
    index(access.store, "app:1")
    with pytest.raises(UsageError) as caught:
        copy(access, "app:1", f"docker://{server.host}/app@sha256:{'0' * 64}", everything=True)
    assert "the image has digest `sha256:" in caught.value.message
    assert not server.state.manifests


def test_all_tags_are_pushed(server, access):
    for tag in ("1", "2"):
        index(access.store, f"{server.host}/app:{tag}")
    index(access.store, f"{server.host}/other:1")
    moved = push_all(access, f"{server.host}/app")
    assert [one.reference.tag for one in moved] == ["1", "2"]
    assert moved[1].blobs == 0
    assert {r for r, _ in server.state.manifests} == {"app"}
    moved = push_all(access, f"{server.host}/app", f"{server.host}/copy")
    assert [str(one.reference) for one in moved] == [f"{server.host}/copy:1", f"{server.host}/copy:2"]
    assert moved[0].mounted > 0 == moved[0].blobs


def test_all_tags_of_nothing(access):
    with pytest.raises(StoreError) as caught:
        push_all(access, "nothing")
    assert caught.value.message == "cannot push `nothing`: the store has no tag of it"
    with pytest.raises(UsageError):
        push_all(access, "app:1")
