"""Against the docker-registry program: the conformance suite, and skopeo as a witness of what was pushed."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from lissom.api.access import Access
from lissom.api.login import check_login
from lissom.api.moves import copy, pull, push
from lissom.errors import LissomError, RegistryError
from lissom.image.image import Image, Layer, put_bytes, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_ZSTD, MANIFEST, Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.endpoint import Endpoint
from lissom.registry.logins.login import Login
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.store.store import Store
from oracle.registry import start
from suites.images import ImagesSuite

pytestmark = [
    pytest.mark.registry,
    pytest.mark.skipif(shutil.which("docker-registry") is None, reason="docker-registry is not installed"),
]


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    child, host = start(tmp_path_factory.mktemp("registry"))
    yield host
    child.terminate()
    child.wait()


@pytest.fixture
def session():
    with Session(Network()) as session:
        yield session


@pytest.fixture
def access(tmp_path, session):
    with Store.at(tmp_path / "store") as store:
        yield Access(store, session)


class TestRegistry(ImagesSuite):
    """The conformance suite, each test in a repository of its own."""

    @pytest.fixture
    def name(self, host, request) -> Reference:
        return Reference.parse(f"{host}/suite/{abs(hash(request.node.name))}:1")

    @pytest.fixture
    def place(self, name, session) -> Registry:
        return Registry(name, session)


def image_in(store: Store, text: str, data: bytes, media_type: str = LAYER_ZSTD) -> Image:
    layer = Descriptor(media_type, Digest.of(data), len(data))
    put_bytes(store, layer, data)
    image = Image.make([Layer(layer, Digest.of(b"tar of " + data))], {"architecture": "amd64", "os": "linux"}, store)
    store.put_manifest(image.manifest.raw, MANIFEST, Reference.parse(text))
    return image


def test_push_and_pull_keep_every_byte(host, access, tmp_path):
    data = bytes(range(256)) * 100_000
    image = image_in(access.store, f"{host}/team/app:1", data)
    assert push(access, f"{host}/team/app:1").descriptor.digest == image.digest
    with Store.at(tmp_path / "other") as store:
        other = Access(store, access.session)
        assert pull(other, f"{host}/team/app:1").descriptor.digest == image.digest
        assert read_blob(store, image.layers[0].descriptor) == data


def test_a_push_to_another_repository_mounts(host, access):
    image_in(access.store, f"{host}/team/app:1", b"layer" * 1000)
    push(access, f"{host}/team/app:1")
    heard: list[object] = []
    again = Access(access.store, access.session, listener=heard.append)
    pushed = push(again, f"{host}/team/app:1", f"{host}/other/app:1")
    assert (pushed.blobs, pushed.mounted) == (0, 2)
    copied = copy(again, f"docker://{host}/other/app:1", f"docker://{host}/third/app:1")
    assert copied.descriptor == access.store.resolve(f"{host}/team/app:1")


@pytest.mark.foreign
@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_skopeo_reads_what_was_pushed(host, access, tmp_path):
    image = image_in(access.store, f"{host}/foreign/app:1", b"layer")
    push(access, f"{host}/foreign/app:1")
    source = f"docker://{host}/foreign/app:1"
    subprocess.run(
        ["skopeo", "copy", "-q", "--src-tls-verify=false", source, f"oci:{tmp_path}/out:1"], check=True, timeout=60
    )
    moved = copy(access, f"oci:{tmp_path}/out:1", "back:1")
    assert moved.descriptor.digest == image.digest


def test_a_login_with_a_password_file(tmp_path_factory, tmp_path):
    if shutil.which("htpasswd") is None and shutil.which("openssl") is None:
        pytest.skip("neither htpasswd nor openssl is installed")
    directory = tmp_path_factory.mktemp("registry")
    # bcrypt of "secret": the registry takes no other kind
    (directory / "users").write_text("me:$2y$05$" + "abcdefghijklmnopqrstuu" + "x" * 31 + "\n")
    child, host = start(directory, f"auth: {{htpasswd: {{realm: here, path: {directory}/users}}}}\n")
    try:
        with pytest.raises(RegistryError) as caught:
            check_login(Network(), host, host, Login("me", "wrong"))
        assert caught.value.message == f"cannot log in to `{host}`: it refuses the user name or the password"
        reference = Reference.parse(f"{host}/app:1")
        with Session(Network()) as session, pytest.raises(LissomError) as refused:
            Registry(reference, session).get_manifest(reference)
        assert refused.value.hint == f"log in with `lissom login {host}`"
    finally:
        child.terminate()
        child.wait()


def test_tls_with_an_authority_of_our_own(tmp_path_factory, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    directory = tmp_path_factory.mktemp("registry")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=lissom"),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:registry.test"),
            *("-keyout", f"{directory}/key.pem", "-out", f"{directory}/cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    child, host = start(directory, f"  tls: {{certificate: {directory}/cert.pem, key: {directory}/key.pem}}\n")
    try:
        reference = Reference.parse(f"{host}/app:1")
        with Session(Network()) as session:  # loopback: TLS is found and used, the certificate is not checked
            place = Registry(reference, session)
            put_bytes(place, Descriptor("x", Digest.of(b"x"), 1), b"x")
            assert place.has(Digest.of(b"x"))
            assert session.host(Endpoint(host, host, "")).base() == f"https://{host}"
    finally:
        child.terminate()
        child.wait()
