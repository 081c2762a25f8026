"""Reading from mirrors: who is asked, who is put back, and what the user reads when nobody helps."""

import io
import time

import pytest

from lissom.errors import RegistryError
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, MANIFEST, Descriptor, Manifest
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.endpoint import Endpoint, Route
from lissom.registry.session import Session
from lissom.registry.wire import transport
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from registry_server import hang_up, silence, status

DATA = bytes(range(256)) * 4000
BLOB = Descriptor(LAYER_GZIP, Digest.of(DATA), len(DATA))
CONFIG = Descriptor("application/vnd.oci.image.config.v1+json", Digest.of(b"{}"), 2)
IMAGE = Manifest.make(CONFIG, [BLOB])
ELSEWHERE = "127.0.0.1:1"


def place(host, *, mirror=True, **more):
    return Endpoint(host, host, "app", scheme="http", mirror=mirror, **more)


def reading(origin, *mirrors, network, **more):
    def routes(reference):
        assert reference.host == origin.host
        return Route((*mirrors, origin), origin)

    return Session(network, routes=routes, **more)


@pytest.fixture
def network(slept):
    return Network(pauses=Pauses(slept.append), connect_deadline=2, stall_deadline=1.0, attempts=3)


@pytest.fixture
def mirrored(server, other, network):
    """A registry that is read through one mirror; both hold the image."""
    for place_ in (server, other):
        for blob in (DATA, b"{}"):
            place_.hold("app", blob)
        for name in ("1", IMAGE.digest):
            place_.state.manifests["app", name] = (MANIFEST, IMAGE.raw)
    with reading(place(server.host, mirror=False), place(other.host), network=network) as session:
        yield Registry(Reference.parse(f"{server.host}/app:1"), session)


@pytest.fixture
def name(server):
    return Reference.parse(f"{server.host}/app:1")


def pull(registry, name):
    manifest = Manifest.parse(registry.open(registry.get_manifest(name)).read())
    return [registry.open(blob).read() for blob in (manifest.config, *manifest.layers)]


def test_the_mirror_is_asked_and_nobody_else(server, other, mirrored, name):
    assert pull(mirrored, name) == [b"{}", DATA]
    assert len(other.asked("GET", "/manifests/")) == 1
    assert not server.state.seen


def test_writing_goes_to_the_registry_itself(server, other, mirrored):
    new = Descriptor(LAYER_GZIP, Digest.of(b"new"), 3)
    mirrored.put(new, io.BytesIO(b"new"))
    assert new.digest in server.state.blobs
    assert not other.state.seen


FAULTS = {
    "404": status(404),
    "401": status(401),
    "403": status(403),
    "429": status(429, Retry_After="9"),
    "429-long": status(429, Retry_After="99999"),
    "500": status(500),
    "503": status(503),
    "hang-up": hang_up(),
    "reset": hang_up(reset=True),
    "silence": silence(1.5),
    "nonsense": lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "loop": status(307, Location="/v2/app/blobs/x"),
    "page": status(200, b"<html>log in</html>", Content_Type="text/html"),
    "cut-head": lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_mirror_cannot_do_the_next_does(other, mirrored, name, slept, fault):
    other.fail("*", "/v2/app/", FAULTS[fault], times=99)
    assert pull(mirrored, name) == [b"{}", DATA]
    assert slept == []


@pytest.mark.parametrize("fault", ["429", "503", "hang-up", "silence"])
def test_a_mirror_that_failed_is_left_alone_for_the_rest_of_the_command(other, mirrored, name, fault):
    other.fail("*", "/v2/app/", FAULTS[fault], times=99)
    started = time.monotonic()
    pull(mirrored, name)
    assert len(other.state.seen) == 1
    assert time.monotonic() - started < 3


def test_a_mirror_that_does_not_let_us_in_is_asked_last(server, other, mirrored, name):
    other.fail("*", "/v2/app/", status(403), times=99)
    pull(mirrored, name)
    assert len(other.state.seen) == 1


def test_a_mirror_that_lacks_one_blob_is_asked_for_the_others(server, other, mirrored, name):
    del other.state.blobs[BLOB.digest]
    pull(mirrored, name)
    assert [seen.path for seen in server.state.seen] == [f"/v2/app/blobs/{BLOB.digest}"]


def test_a_mirror_that_lacks_the_image_is_not_asked_for_each_blob(server, other, mirrored, name):
    other.state.blobs.clear()
    other.state.manifests.clear()
    for _ in range(3):
        pull(mirrored, name)
    assert len(other.state.seen) == 2


@pytest.mark.parametrize("host", [ELSEWHERE, "registry.invalid"])
def test_a_mirror_that_cannot_be_reached(server, network, slept, name, host):
    server.hold("app", DATA)
    with reading(place(server.host, mirror=False), place(host), network=network) as session:
        assert Registry(name, session).open(BLOB).read() == DATA
    assert slept == []


def test_a_mirror_whose_certificate_is_wrong(server, other, network, name):
    server.hold("app", DATA)
    bad = Endpoint(other.host, other.host, "app", scheme="https", mirror=True)
    with reading(place(server.host, mirror=False), bad, network=network) as session:
        assert Registry(name, session).open(BLOB).read() == DATA


def test_a_mirror_without_tags_is_asked_by_digest_only(server, other, mirrored, network, name):
    with reading(place(server.host, mirror=False), place(other.host, tags=False), network=network) as session:
        pull(Registry(name, session), name)
    assert [seen.path for seen in server.state.seen] == ["/v2/app/manifests/1"]
    assert {seen.path.rpartition("/")[2] for seen in other.state.seen} == {CONFIG.digest, BLOB.digest}


def test_mirrors_only_and_none_that_may_be_asked(server, other, network, name):
    origin = place(server.host, mirror=False)
    alone = Route((place(other.host, tags=False),), origin)
    with Session(network, routes=lambda _: alone) as session, pytest.raises(RegistryError) as caught:
        Registry(name, session).get_manifest(name)
    assert caught.value.message == "cannot GET `app/manifests/1`: no mirror may be asked by tag"
    assert not server.state.seen


def test_the_registry_itself_has_the_last_word(server, other, mirrored, name):
    other.fail("*", "/v2/app/", status(503), times=99)
    server.fail("GET", "/v2/app/", status(404), times=99)
    with pytest.raises(RegistryError) as caught:
        mirrored.open(BLOB)
    assert caught.value.message == f"cannot GET `{server.url}/v2/app/blobs/{BLOB.digest}`: 404 Not Found"
    assert caught.value.hint == f"mirrors said `{other.host}`: 503 Service Unavailable"


def test_when_the_registry_cannot_be_reached_a_mirror_is_asked_again(server, other, network, slept, name):
    other.hold("app", DATA)
    other.fail("GET", "/blobs/", status(503), times=2)
    gone = place(ELSEWHERE, mirror=False)
    with reading(gone, place(other.host), network=network) as session:
        assert Registry(Reference.parse(f"{ELSEWHERE}/app:1"), session).open(BLOB).read() == DATA
    assert len(slept) == 2


def test_retry_after_is_waited_for_when_nobody_else_is_left(server, other, network, slept, name):
    other.hold("app", DATA)
    other.fail("GET", "/blobs/", status(429, Retry_After="7"))
    with reading(place(ELSEWHERE, mirror=False), place(other.host), network=network) as session:
        assert Registry(Reference.parse(f"{ELSEWHERE}/app:1"), session).open(BLOB).read() == DATA
    assert slept == [7.0]


def test_a_wait_that_is_too_long_is_not_waited_for(other, network, slept):
    other.fail("GET", "/blobs/", status(429, Retry_After="7000"), times=9)
    with reading(place(ELSEWHERE, mirror=False), place(other.host), network=network) as session:
        registry = Registry(Reference.parse(f"{ELSEWHERE}/app:1"), session)
        with pytest.raises(RegistryError) as caught:
            registry.open(BLOB)
    assert caught.value.message == f"cannot GET `http://{ELSEWHERE}/v2/app/blobs/{BLOB.digest}`: connection refused"
    assert caught.value.hint.endswith(f"mirrors said `{other.host}`: 429 Too Many Requests")
    assert slept == []
    assert len(other.state.seen) == 1


def test_a_wrong_manifest_of_a_mirror_is_not_believed(server, other, mirrored, name):
    by_digest = Reference.parse(f"{server.host}/app@{IMAGE.digest}")
    wrong = IMAGE.raw.replace(b"gzip", b"zstd")
    other.state.manifests["app", IMAGE.digest] = (MANIFEST, wrong)
    assert mirrored.get_manifest(by_digest) == IMAGE.descriptor
    assert mirrored.open(IMAGE.descriptor).read() == IMAGE.raw


def test_another_namespace_goes_along(server, other, mirrored, network, name):
    far = place(other.host, namespace="docker.io")
    with reading(place(server.host, mirror=False), far, network=network) as session:
        pull(Registry(name, session), name)
    assert {seen.path.partition("?")[2] for seen in other.state.seen} == {"ns=docker.io"}


class Notes:
    def __init__(self, data=b""):
        self.data = data

    def load(self):
        return self.data

    def save(self, data):
        self.data = data


def test_another_command_remembers(server, other, mirrored, network, name):
    notes = Notes()
    other.fail("*", "/v2/app/", status(503), times=1)
    for _ in range(2):
        ways = place(server.host, mirror=False), place(other.host)
        with reading(*ways, network=network, memory=notes) as session:
            pull(Registry(name, session), name)
    assert len(other.state.seen) == 1


def test_the_registry_is_asked_whether_it_has_a_blob_when_we_want_to_write(server, other, mirrored):
    server.state.blobs.clear()
    assert mirrored.has(BLOB.digest)
    assert not mirrored.has_blob(BLOB.digest)


def test_the_last_one_is_waited_for(server, other, mirrored, name, monkeypatch):
    monkeypatch.setattr(transport, "_HURRY_STALL", 0.2)
    for place_ in (server, other):
        place_.fail("GET", "/manifests/", late(0.6), times=9)
    assert mirrored.get_manifest(name) == IMAGE.descriptor
    assert len(other.state.seen) == len(server.state.seen) == 1


def test_a_mirror_that_is_put_back_makes_nobody_hurry(server, other, mirrored, name, monkeypatch):
    monkeypatch.setattr(transport, "_HURRY_STALL", 0.2)
    other.fail("GET", "/blobs/", status(503))
    assert mirrored.open(CONFIG).read() == b"{}"
    server.fail("GET", "/manifests/", late(0.6))
    assert mirrored.get_manifest(name) == IMAGE.descriptor
    assert len(other.state.seen) == 1


@pytest.mark.parametrize("said", ["sha256:x", "nonsense", Digest.of(b"x")], ids=["short", "words", "other"])
def test_a_head_that_cannot_be_believed_is_followed_by_a_get(server, other, mirrored, said):
    by_digest = Reference.parse(f"{server.host}/app@{IMAGE.digest}")
    other.fail("HEAD", "/manifests/", status(200, Content_Type=MANIFEST, Docker_Content_Digest=said))
    assert mirrored.resolve(by_digest) == IMAGE.descriptor


def late(seconds):
    def fault(handler):
        time.sleep(seconds)
        handler._route()

    return fault
