import gzip
import io
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from lissom.api.access import Access
from lissom.api.moves import copy, pull, push
from lissom.errors import IntegrityError, LissomError, RegistryError, UsageError
from lissom.events import BlobMoved, Decision
from lissom.image.image import Image, Layer, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX, LAYER, LAYER_GZIP, MANIFEST, Descriptor, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from lissom.store.store import Store
from registry_server import RegistryServer, cut, hang_up, slow, status


@pytest.fixture
def access(store, heard):
    """One that does not wait long for who stalls."""
    with Session(Network(pauses=Pauses(lambda _: None), stall_deadline=5)) as session:
        yield Access(store, session, listener=heard.append)


@pytest.fixture
def remote(server):
    """Put images into the server without going through what is tested."""
    with ExitStack() as stack:

        def make(text):
            reference = Reference.parse(f"{server.host}/{text}")
            return Registry(reference, stack.enter_context(Session())), reference

        yield make


def put_layer(place, data, media_type=LAYER, diff_id=None):
    descriptor = Descriptor(media_type, Digest.of(data), len(data))
    place.put(descriptor, io.BytesIO(data))
    return Layer(descriptor, diff_id or Digest.of(data))


def put_image(remote, text, *contents, platform="linux/amd64"):
    place, reference = remote(text)
    wanted = Platform.parse(platform)
    layers = [put_layer(place, content) for content in contents]
    document = {"architecture": wanted.architecture, "os": wanted.os, "variant": wanted.variant}
    image = Image.make(layers, document, place)
    place.put_manifest(image.manifest.raw, MANIFEST, reference)
    return image.manifest


def put_index(remote, text, *children):
    place, reference = remote(text)
    index = Index.make(list(children))
    place.put_manifest(index.raw, INDEX, reference)
    return index


def of(manifest, platform):
    described = manifest.descriptor
    return Descriptor(described.media_type, described.digest, described.size, platform=Platform.parse(platform))


def test_a_pull_asks_for_one_manifest_and_what_is_missing(server, access, remote, heard):
    manifest = put_image(remote, "app:1", b"one", b"two" * 100000)
    server.state.seen.clear()
    moved = pull(access, f"{server.host}/app:1")
    assert (moved.descriptor.digest, moved.blobs, moved.present) == (manifest.digest, 3, 0)
    assert len(server.asked("GET", "/manifests/")) == 1
    assert server.asked("GET", "/blobs/")[0].path.endswith(manifest.config.digest)
    image = access.store.image(access.store.resolve(f"{server.host}/app:1"))
    assert read_blob(access.store, image.layers[1].descriptor) == b"two" * 100000
    assert BlobMoved("pull", image.layers[1].descriptor.digest.short, 300000, 300000) in heard


def test_a_second_pull_moves_nothing(server, access, remote):
    put_image(remote, "app:1", b"one")
    pull(access, f"{server.host}/app:1")
    server.state.seen.clear()
    assert pull(access, f"{server.host}/app:1").blobs == 0
    assert not server.asked("GET", "/blobs/")


def test_a_shared_layer_moves_once(server, access, remote):
    put_image(remote, "app:1", b"base", b"one")
    put_image(remote, "app:2", b"base", b"two")
    pull(access, f"{server.host}/app:1")
    moved = pull(access, f"{server.host}/app:2")
    assert (moved.blobs, moved.present) == (2, 1)


def test_a_layer_that_is_here_in_another_compression_is_not_fetched(server, access, remote, heard):
    put_image(remote, "app:1", b"base")
    pull(access, f"{server.host}/app:1")
    place, reference = remote("app:2")
    layer = put_layer(place, gzip.compress(b"base", mtime=0), LAYER_GZIP, Digest.of(b"base"))
    image = Image.make([layer], {"architecture": "amd64", "os": "linux"}, place)
    place.put_manifest(image.manifest.raw, MANIFEST, reference)
    server.state.seen.clear()
    moved = pull(access, f"{server.host}/app:2")
    assert not server.asked("GET", layer.descriptor.digest)
    short = layer.descriptor.digest.short
    assert Decision(short, f"not fetched: its content is here as {Digest.of(b'base').short}") in heard
    assert access.store.image(moved.descriptor).config.digest == image.config.digest
    exact = pull(access, f"{server.host}/app@{image.digest}")
    assert exact.descriptor.digest == image.digest
    assert access.store.has(layer.descriptor.digest)


def test_a_pull_chooses_its_platform_and_skips_attestations(server, access, remote):
    amd, arm = put_image(remote, "app:x", b"amd"), put_image(remote, "app:x", b"arm", platform="linux/arm64")
    index = put_index(remote, "app:1", of(amd, "unknown/unknown"), of(arm, "linux/arm64"), of(amd, "linux/amd64"))
    moved = pull(access, f"{server.host}/app:1", platform=Platform.parse("linux/arm64"))
    assert moved.descriptor.digest == arm.digest
    assert not access.store.has(Digest.of(b"amd"))
    moved = pull(access, f"{server.host}/app:1", everything=True)
    assert moved.descriptor.digest == index.digest
    assert access.store.has(Digest.of(b"amd"))


def test_a_pull_goes_through_nested_indexes(server, access, remote):
    arm = put_image(remote, "app:x", b"arm", platform="linux/arm64")
    inner = put_index(remote, "app:i", of(arm, "linux/arm64"))
    put_index(remote, "app:1", inner.descriptor)
    moved = pull(access, f"{server.host}/app:1", platform=Platform.parse("linux/arm64"))
    assert moved.descriptor.digest == arm.digest


def test_a_missing_platform_names_what_is_there(server, access, remote):
    arm = put_image(remote, "app:x", b"arm", platform="linux/arm64")
    put_index(remote, "app:1", of(arm, "linux/arm64"), of(arm, "linux/s390x"))
    with pytest.raises(LissomError) as caught:
        pull(access, f"{server.host}/app:1", platform=Platform.parse("linux/riscv64"))
    assert caught.value.hint == "its platforms: linux/arm64, linux/s390x"


def test_one_platform_of_an_index_by_digest_keeps_the_name(server, access, remote):
    arm = put_image(remote, "app:x", b"arm", platform="linux/arm64")
    amd = put_image(remote, "app:x", b"amd")
    index = put_index(remote, "app:1", of(arm, "linux/arm64"), of(amd, "linux/amd64"))
    text = f"{server.host}/app@{index.digest}"
    pull(access, text, platform=Platform.parse("linux/arm64"))
    found = access.store.resolve(text)
    assert found.digest == index.digest
    assert access.store.image(found, Platform.parse("linux/arm64")).digest == arm.digest


def test_nothing_is_named_when_a_layer_is_wrong(server, access, remote):
    manifest = put_image(remote, "app:1", b"one", b"two")
    server.state.blobs[manifest.layers[1].digest] = b"owt"
    with pytest.raises(IntegrityError) as caught:
        pull(access, f"{server.host}/app:1")
    assert caught.value.message == (
        f"cannot pull `{manifest.layers[1].digest}` from "
        f"`{server.url}/v2/app/blobs/{manifest.layers[1].digest}`: its digest is {Digest.of(b'owt')}"
    )
    assert access.store.references() == []
    assert not access.store.has(manifest.layers[1].digest)
    assert list(access.store.temporary.iterdir()) == []


def test_a_failure_stops_the_other_layers(server, access, remote):
    manifest = put_image(remote, "app:1", b"small", os.urandom(200_000))
    server.fail("GET", manifest.layers[1].digest, slow(0.1, 2000), times=9)
    server.fail("GET", manifest.layers[0].digest, status(403), times=9)
    started = time.monotonic()
    with pytest.raises(RegistryError) as caught:
        pull(access, f"{server.host}/app:1")
    assert "403" in caught.value.message
    assert time.monotonic() - started < 5


def test_push_sends_what_is_missing_and_mounts_the_rest(server, access, remote):
    put_image(remote, "base:1", b"base")
    pull(access, f"{server.host}/base:1")
    server.state.seen.clear()
    moved = push(access, f"{server.host}/base:1", f"{server.host}/team/app:2")
    assert server.state.manifests["team/app", "2"][1] == read_blob(access.store, moved.descriptor)
    assert [s.path for s in server.asked("POST", "mount=sha256%3A[0-9a-f]+&from=base$")]
    assert not server.asked("PUT", "/uploads/")


def test_push_mounts_layers_that_an_image_of_the_store_came_with(server, access, remote):
    manifest = put_image(remote, "base:1", b"base")
    pull(access, f"{server.host}/base:1")
    server.state.seen.clear()
    with Session() as session:
        later = Access(access.store, session)
        moved = push(later, f"{server.host}/base:1", f"{server.host}/team/app:2")
    assert moved.descriptor.digest == manifest.digest
    assert [s.path for s in server.asked("PUT", "/uploads/")] == []


def test_push_sends_children_first_and_the_tag_last(server, access, remote):
    amd, arm = put_image(remote, "app:x", b"amd"), put_image(remote, "app:x", b"arm", platform="linux/arm64")
    put_index(remote, "app:1", of(amd, "linux/amd64"), of(arm, "linux/arm64"))
    pull(access, f"{server.host}/app:1", everything=True)
    server.state.seen.clear()
    push(access, f"{server.host}/app:1", f"{server.host}/out:1")
    puts = [s.path.rpartition("/")[2] for s in server.asked("PUT", "/manifests/")]
    assert puts == [amd.digest, arm.digest, "1"]


def test_layers_that_may_not_be_distributed_stay(server, access, remote):
    place, reference = remote("app:1")
    foreign = Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest.of(b"far"), 3)
    image = Image.make([Layer(foreign, Digest.of(b"x"))], {"architecture": "amd64", "os": "linux"}, place)
    place.put(foreign, io.BytesIO(b"far"))
    place.put_manifest(image.manifest.raw, MANIFEST, reference)
    copy(access, f"docker://{server.host}/app:1", f"docker://{server.host}/out:1")
    assert Digest.of(b"far") not in server.state.holds["out"]


def test_copy_between_repositories_of_a_registry_mounts(server, access, remote):
    manifest = put_image(remote, "app:1", b"one")
    server.state.seen.clear()
    moved = copy(access, f"docker://{server.host}/app:1", f"docker://{server.host}/out:1")
    assert moved.descriptor.digest == manifest.digest
    assert not server.asked("GET", "/blobs/")
    assert not server.asked("PUT", "/uploads/")


def test_copy_to_another_registry_survives_cuts(server, access, remote):
    data = os.urandom(3 << 20)
    manifest = put_image(remote, "app:1", data)
    other = RegistryServer()
    try:
        server.fail("GET", manifest.layers[0].digest, cut(1 << 20), times=2)
        other.fail("PUT", "/uploads/", status(502))
        copy(access, f"docker://{server.host}/app:1", f"docker://{other.host}/x/app:1")
        assert other.state.blobs[manifest.layers[0].digest] == data
    finally:
        access.session.close()
        other.stop()


@pytest.mark.parametrize("kind", ["oci:{}/d", "oci:{}/d:1.2", "oci-archive:{}/f.tar:1.2", "oci-archive:{}/f.tar"])
def test_copy_to_layouts_and_back_changes_nothing(server, access, remote, tmp_path, kind):
    manifest = put_image(remote, "app:1", b"one", b"two")
    place = kind.format(tmp_path)
    copy(access, f"docker://{server.host}/app:1", place)
    moved = copy(access, place, "back:1")
    assert moved.descriptor.digest == manifest.digest
    assert access.store.resolve("back:1").digest == manifest.digest


def test_copy_to_a_docker_archive_keeps_config_and_content(server, access, remote, tmp_path):
    manifest = put_image(remote, "app:1", b"one", b"two")
    copy(access, f"docker://{server.host}/app:1", f"docker-archive:{tmp_path}/f.tar:app:1")
    copy(access, f"docker-archive:{tmp_path}/f.tar:app:1", "back:1")
    image = access.store.image(access.store.resolve("back:1"))
    assert image.config.digest == manifest.config.digest
    assert [read_blob(access.store, layer.descriptor) for layer in image.layers] == [b"one", b"two"]


def test_a_failed_copy_leaves_the_old_archive(server, access, remote, tmp_path):
    manifest = put_image(remote, "app:1", b"one")
    (tmp_path / "f.tar").write_bytes(b"old")
    server.state.blobs[manifest.layers[0].digest] = b"eno"
    with pytest.raises(IntegrityError):
        copy(access, f"docker://{server.host}/app:1", f"oci-archive:{tmp_path}/f.tar")
    assert (tmp_path / "f.tar").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.tar", "store"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: pull(a, "oci:x"), "cannot pull `oci:x`: it is not in a registry"),
        (lambda a: push(a, "oci:x", "h/x"), "cannot push `oci:x`: it is not in the store"),
        (lambda a: push(a, "x", "oci:x"), "cannot push to `oci:x`: it is not a registry"),
        (
            lambda a: copy(a, "x", "y", platform=Platform.host(), everything=True),
            "cannot use --platform with --all-platforms: one or all",
        ),
    ],
)
def test_wrong_use_is_told(access, call, message):
    with pytest.raises(UsageError) as caught:
        call(access)
    assert caught.value.message == message


def test_a_killed_pull_leaves_a_store_that_goes_on(server, remote, tmp_path):
    manifest = put_image(remote, "app:1", b"small", os.urandom(1 << 20))
    server.fail("GET", manifest.layers[1].digest, slow(0.02, 4096))
    arguments = ["--root", str(tmp_path / "store"), "--progress", "quiet", "pull", f"{server.host}/app:1"]
    command = [sys.executable, "-m", "lissom", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as child:
        until = time.monotonic() + 30
        while not server.asked("GET", manifest.layers[1].digest) and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.3)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    with Store.at(tmp_path / "store") as store:
        assert store.references() == []
        assert not store.has(manifest.layers[1].digest)
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == manifest.digest
    with Store.at(tmp_path / "store") as store:
        image = store.image(store.resolve(f"{server.host}/app:1"))
        assert all(read_blob(store, layer.descriptor) for layer in image.layers)
        assert Manifest.parse(image.manifest.raw).digest == manifest.digest


def test_a_damaged_blob_of_the_store_is_never_whole_in_a_registry(server, access, remote):
    manifest = put_image(remote, "app:1", b"one" * 50_000)
    pull(access, f"{server.host}/app:1")
    path = access.store.path(manifest.layers[0].digest)
    path.chmod(0o600)
    path.write_bytes(b"eno" * 50_000)
    server.state.holds.clear()
    with Session() as session, pytest.raises(IntegrityError) as caught:
        push(Access(access.store, session), f"{server.host}/app:1", f"{server.host}/out:1")
    found = Digest.of(b"eno" * 50_000)
    assert caught.value.message == f"cannot push `{manifest.layers[0].digest}`: its bytes have digest `{found}`"
    assert manifest.layers[0].digest not in server.state.holds.get("out", set())
    assert not server.state.uploads
    assert ("out", "1") not in server.state.manifests


def test_a_bad_line_on_either_side_is_no_matter_for_the_other(server, access, remote):
    data = os.urandom(2 << 20)
    manifest = put_image(remote, "app:1", data)
    other = RegistryServer()
    try:
        server.fail("GET", manifest.layers[0].digest, cut(300_000), times=3)
        other.fail("PUT", "/uploads/", hang_up(), times=2)
        copy(access, f"docker://{server.host}/app:1", f"docker://{other.host}/x/app:1")
        assert other.state.blobs[manifest.layers[0].digest] == data
        assert list(access.store.temporary.iterdir()) == []
    finally:
        access.session.close()
        other.stop()


def test_what_went_to_a_registry_before_is_mounted_from_there(server, access, remote):
    put_image(remote, "base:1", os.urandom(100_000))
    pull(access, f"{server.host}/base:1")
    copy(access, f"{server.host}/base:1", "mine:1")
    access.store.remove(Reference.parse(f"{server.host}/base:1"))
    del server.state.holds["base"]
    for repository in ("one", "two"):
        with Session() as session:
            moved = push(Access(access.store, session), "mine:1", f"{server.host}/{repository}:1")
    assert (moved.blobs, moved.mounted) == (1, 1)
    del server.state.holds["one"], server.state.holds["two"]
    with Session() as session:
        moved = push(Access(access.store, session), "mine:1", f"{server.host}/three:1")
    assert (moved.blobs, moved.mounted) == (2, 0)
