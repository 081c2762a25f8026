"""Copies between every two kinds of places, with skopeo and docker as witnesses of what arrived."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess

import pytest

from lissom.api.access import Access
from lissom.api.converting import Form
from lissom.api.moves import copy
from lissom.errors import LissomError, UsageError
from lissom.oci.document import INDEX_TYPES, Index, Manifest
from lissom.oci.platform import Platform
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.rootfs.compress import Compression
from lissom.store.store import Store
from oracle.registry import running
from real_images import put_index

pytestmark = [
    pytest.mark.registry,
    pytest.mark.foreign,
    pytest.mark.skipif(shutil.which("docker-registry") is None, reason="docker-registry is not installed"),
    pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed"),
]

KINDS = ("store", "near", "far", "oci", "oci-archive", "docker-archive")
WHOLE = tuple(kind for kind in KINDS if kind != "docker-archive")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    with running(tmp_path_factory.mktemp("near")) as near, running(tmp_path_factory.mktemp("far")) as far:
        yield {"near": near, "far": far}


@pytest.fixture
def access(tmp_path):
    with Store.at(tmp_path / "store") as store, Session(Network()) as session:
        yield Access(store, session)


@pytest.fixture
def made(access, tmp_path):
    return put_index(access.store, "origin:1", salt=str(tmp_path).encode())


@pytest.fixture
def place(hosts, tmp_path):
    """A place of a kind, and of one's own."""

    def named(kind, name):
        repository = hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]
        return {
            "store": f"{name}:1",
            "near": f"docker://{hosts['near']}/{repository}/{name}:1",
            "far": f"docker://{hosts['far']}/{repository}/{name}:1",
            "oci": f"oci:{tmp_path}/{name}:1",
            "oci-archive": f"oci-archive:{tmp_path}/{name}.tar:1",
            "docker-archive": f"docker-archive:{tmp_path}/{name}.docker.tar:{name}:1",
        }[kind]

    return named


def skopeo(*arguments: str) -> bytes:
    return subprocess.run(["skopeo", *arguments], check=True, capture_output=True, timeout=60).stdout


def seen(place: str) -> bytes:
    """The manifest or index that skopeo finds in a place."""
    flags = ("--tls-verify=false",) if place.startswith("docker://") else ()
    return skopeo("inspect", "--raw", *flags, place)


def digest_of(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_one_platform(access, made, place, source, target):
    start, end = place(source, "from"), place(target, "to")
    copy(access, "origin:1", start, platform=Platform.parse("linux/amd64"))
    moved = copy(access, start, end)
    exact = "docker-archive" not in (source, target)
    if exact:
        assert moved.descriptor.digest == made.amd64.digest
    if target == "store":
        assert access.store.image(access.store.resolve("to:1")).config.digest == made.config
        return
    raw = seen(end)
    assert json.loads(raw)["config"]["digest"] == made.config
    if exact:
        assert digest_of(raw) == made.amd64.digest
    # Every blob whole and right, by one who checks them all.
    flags = ("--src-tls-verify=false",) if end.startswith("docker://") else ()
    skopeo("copy", "-q", *flags, end, f"dir:{access.store.root.parent}/witness")


@pytest.mark.parametrize("target", WHOLE)
@pytest.mark.parametrize("source", WHOLE)
def test_all_platforms(access, made, place, source, target):
    start, end = place(source, "from"), place(target, "to")
    copy(access, "origin:1", start, everything=True)
    moved = copy(access, start, end, everything=True)
    assert moved.descriptor.digest == made.index.digest
    if target != "store":
        assert digest_of(seen(end)) == made.index.digest
    back = copy(access, end, "back:1", platform=Platform.parse("linux/arm64"))
    assert back.descriptor.digest == made.arm64.digest


@pytest.mark.parametrize("source", WHOLE)
def test_a_platform_that_is_not_there(access, made, place, source):
    start = place(source, "from")
    copy(access, "origin:1", start, everything=True)
    with pytest.raises(LissomError) as caught:
        copy(access, start, place("oci", "to"), platform=Platform.parse("linux/s390x"))
    assert "linux/s390x" in caught.value.message
    assert "linux/amd64" in (caught.value.hint or "")


def test_a_docker_archive_holds_one_platform(access, made, place):
    with pytest.raises(UsageError) as caught:
        copy(access, "origin:1", place("docker-archive", "to"), everything=True)
    assert caught.value.hint == "name the --platform, or write an OCI archive"


def test_on_one_host_nothing_moves(access, made, place):
    start = place("near", "from")
    copy(access, "origin:1", start, everything=True)
    with Session(Network()) as session:
        moved = copy(Access(access.store, session), start, place("near", "to"), everything=True)
    assert (moved.blobs, moved.size) == (0, 0)
    assert moved.mounted > 0


@pytest.mark.parametrize("kind", ["near", "oci", "oci-archive"])
@pytest.mark.parametrize("compression", ["zstd:12", "none", "gzip:9"], ids=["zstd", "none", "gzip"])
def test_skopeo_reads_what_was_compressed_anew(access, made, place, kind, compression):
    end = place(kind, "to")
    copy(access, "origin:1", end, everything=True, form=Form(Compression.parse(compression)))
    folder = access.store.root.parent / "witness"
    flags = ("--src-tls-verify=false",) if kind == "near" else ()
    skopeo("--override-arch", "amd64", "copy", "-q", *flags, end, f"dir:{folder}")
    manifest = Manifest.parse((folder / "manifest.json").read_bytes())
    assert manifest.config.digest == made.config
    diff_ids = json.loads((folder / manifest.config.digest.hex).read_bytes())["rootfs"]["diff_ids"]
    unpack = {"zstd": ["zstd", "-dc"], "gzip": ["gzip", "-dc"], "none": ["cat"]}[compression.partition(":")[0]]
    for layer, diff_id in zip(manifest.layers, diff_ids, strict=True):
        done = subprocess.run([*unpack, folder / layer.digest.hex], check=False, capture_output=True, timeout=60)
        if done.returncode == 127:
            pytest.skip("zstd is not installed")
        assert digest_of(done.stdout) == diff_id


def test_skopeo_reads_dockers_format(access, made, place):
    end = place("near", "to")
    copy(access, "origin:1", end, everything=True, form=Form(format="docker"))
    raw = seen(end)
    assert json.loads(raw)["mediaType"] == "application/vnd.docker.distribution.manifest.list.v2+json"
    children = Index.parse(raw).manifests
    assert len(children) == 2
    found = seen(f"{end.removesuffix(':1')}@{children[0].digest}")
    assert Manifest.parse(found).config.digest == made.config
    assert children[0].media_type not in INDEX_TYPES


@pytest.mark.docker
@pytest.mark.root
def test_a_docker_daemon_loads_saves_and_pulls(access, made, place, docker, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", docker.host)
    end = place("near", "to")
    copy(access, "origin:1", "docker-daemon:loaded:1", platform=Platform.parse("linux/amd64"))
    assert docker.check("image", "inspect", "-f", "{{.Id}}", "loaded:1").strip() == made.config
    copy(access, "docker-daemon:loaded:1", "back:1")
    assert access.store.image(access.store.resolve("back:1")).config.digest == made.config
    copy(access, "docker-daemon:loaded:1", end)
    assert json.loads(seen(end))["config"]["digest"] == made.config
    copy(access, "origin:1", end + "-docker", everything=True, form=Form(Compression("gzip", 9), "docker"))
    name = (end + "-docker").removeprefix("docker://")
    docker.check("pull", "-q", name)
    assert docker.check("image", "inspect", "-f", "{{.Id}}", name).strip() == made.config
