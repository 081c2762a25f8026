"""What a registry can do wrong, and what the user reads then. Every message is pinned."""

import os
import time

import pytest

from lissom.errors import IntegrityError, LissomError, RegistryError
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from registry_server import cut, endless, hang_up, redirect, silence, slow, status

DATA = os.urandom(3 << 20)
DIGEST = Digest.of(DATA)
BLOB = Descriptor(LAYER_GZIP, DIGEST, len(DATA))


@pytest.fixture
def session(slept):
    """Without the patience that a busy machine needs elsewhere."""
    with Session(Network(pauses=Pauses(slept.append), connect_deadline=2, stall_deadline=0.3, attempts=3)) as session:
        yield session


@pytest.fixture
def held(server):
    server.hold("app", DATA)
    return server


def message_of(call) -> str:
    with pytest.raises(LissomError) as caught:
        call()
    return caught.value.message


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_blob_goes_on_where_it_broke_off(held, app, reset):
    held.fail("GET", "/blobs/", cut(1 << 20, reset=reset), times=2)
    assert app.open(BLOB).read() == DATA
    ranges = [seen.headers.get("Range") for seen in held.asked("GET", "/blobs/")]
    assert ranges[0] is None
    assert len(ranges) == 3
    if not reset:  # a reset may drop what was on the way
        assert ranges[1:] == ["bytes=1048576-", "bytes=2097152-"]


def test_a_registry_without_ranges_starts_again(held, app):
    held.state.ranges = False
    held.fail("GET", "/blobs/", cut(1 << 20))
    assert app.open(BLOB).read() == DATA


def test_progress_keeps_the_patience(held, app):
    held.fail("GET", "/blobs/", cut((1 << 20) + 1), times=1)
    held.fail("GET", "/blobs/", cut(100), times=1)
    held.fail("GET", "/blobs/", cut((1 << 20) + 1), times=1)
    assert app.open(BLOB).read() == DATA


def test_a_blob_that_is_cut_again_and_again(held, app, slept):
    held.fail("GET", "/blobs/", cut(1000), times=1)
    held.fail("GET", "/blobs/", cut(0), times=9)
    assert message_of(app.open(BLOB).read) == (
        f"cannot GET `{held.url}/v2/app/blobs/{DIGEST}`: the connection was cut after 1000 of 3145728 bytes, "
        "3 times without progress"
    )
    assert 0.25 <= slept[0] <= 0.5 <= slept[1] <= 1.0


def test_a_stall_is_resumed(held, app):
    held.fail("GET", "/blobs/", silence(1.0))
    assert app.open(BLOB).read() == DATA


def test_a_registry_that_accepts_and_says_nothing(held, app):
    held.fail("GET", "/blobs/", silence(1.0), times=9)
    assert message_of(lambda: app.open(BLOB)) == (f"cannot GET `{held.url}/v2/app/blobs/{DIGEST}`: no data for 0.3 s")


def test_a_trickle_is_a_stall(held, app):
    held.fail("GET", "/blobs/", slow(0.01, 10), times=9)
    started = time.monotonic()
    message = message_of(app.open(BLOB).read)
    assert message.startswith(f"cannot GET `{held.url}/v2/app/blobs/{DIGEST}`: no data for 0.3 s after ")
    assert message.endswith(" of 3145728 bytes, 3 times without progress")
    assert time.monotonic() - started < 5


def test_another_range_than_asked_for(held, app):
    held.fail("GET", "/blobs/", cut(1000))
    held.fail("GET", "/blobs/", status(206, b"x", Content_Range=f"bytes 5-5/{len(DATA)}"))
    assert message_of(app.open(BLOB).read) == (
        f"cannot GET `{held.url}/v2/app/blobs/{DIGEST}`: the registry answered another range than asked for"
    )


def test_wrong_bytes(held, app):
    wrong = DATA[:-1] + bytes([DATA[-1] ^ 1])
    held.state.blobs[DIGEST] = wrong
    assert message_of(app.open(BLOB).read) == (
        f"cannot pull `{DIGEST}` from `{held.url}/v2/app/blobs/{DIGEST}`: its digest is {Digest.of(wrong)}"
    )


@pytest.mark.parametrize("data", [DATA[:-1], DATA + b"x"], ids=["short", "long"])
def test_wrong_length(held, app, data):
    held.state.blobs[DIGEST] = data
    assert message_of(lambda: app.open(BLOB)) == (
        f"cannot pull `{DIGEST}` from `{held.url}/v2/app/blobs/{DIGEST}`: it has {len(data)} bytes, not {len(DATA)}"
    )


def test_an_endless_blob(held, app):
    held.fail("GET", "/blobs/", endless())
    assert message_of(app.open(BLOB).read) == (
        f"cannot pull `{DIGEST}` from `{held.url}/v2/app/blobs/{DIGEST}`: it is longer than {len(DATA)} bytes"
    )


def test_a_page_in_place_of_a_blob(held, app):
    page = b"<html>" + b"x" * (len(DATA) - 6)
    held.fail("GET", "/blobs/", status(200, page, Content_Type="text/html"))
    with pytest.raises(IntegrityError) as caught:
        app.open(BLOB).read()
    assert caught.value.hint == "the registry sent an HTML page instead of the blob"


def test_a_missing_blob(server, app):
    assert message_of(lambda: app.open(BLOB)) == (
        f"cannot GET `{server.url}/v2/app/blobs/{DIGEST}`: 404 Not Found: BLOB_UNKNOWN: blob unknown to registry"
    )


def manifest_of(server, app):
    return lambda: app.get_manifest(Reference.parse(f"{server.host}/app:1"))


def test_an_endless_manifest(server, app):
    server.fail("GET", "/manifests/", endless())
    assert message_of(manifest_of(server, app)) == (
        f"cannot GET `{server.url}/v2/app/manifests/1`: the answer is longer than 16777216 bytes"
    )


def test_a_redirect_loop(server, app):
    server.fail("GET", "/manifests/", redirect("/v2/app/manifests/1"), times=99)
    assert message_of(manifest_of(server, app)) == (
        f"cannot GET `{server.url}/v2/app/manifests/1`: more than 8 redirects follow one another"
    )


def test_a_redirect_to_nowhere(server, app):
    server.fail("GET", "/manifests/", redirect("file:///etc/passwd"))
    assert message_of(manifest_of(server, app)) == (
        f"cannot GET `{server.url}/v2/app/manifests/1`: it redirects to `file:///etc/passwd`, which is no web address"
    )


def test_a_registry_that_hangs_up(server, app, slept):
    server.fail("GET", "/manifests/", hang_up(), times=9)
    assert message_of(manifest_of(server, app)) == (
        f"cannot GET `{server.url}/v2/app/manifests/1`: the connection was cut"
    )
    assert len(slept) == 2


def test_a_server_that_does_not_speak_http(server, app):
    server.fail("GET", "/manifests/", lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n"), times=9)
    assert message_of(manifest_of(server, app)) == (
        f"cannot GET `{server.url}/v2/app/manifests/1`: the answer is not HTTP"
    )


def test_nobody_listens(server, app):
    server.stop()
    assert message_of(manifest_of(server, app)) == (f"cannot GET `{server.url}/v2/app/manifests/1`: connection refused")


def test_an_unknown_host(session):
    reference = Reference.parse("registry.invalid/app:1")
    assert message_of(lambda: Registry(reference, session).get_manifest(reference)) == (
        "cannot GET `https://registry.invalid/v2/app/manifests/1`: the host name cannot be resolved"
    )


def test_a_server_error_heals(held, app, slept):
    held.fail("GET", "/blobs/", status(503), times=2)
    assert app.open(BLOB).read() == DATA
    assert len(slept) == 2


def test_retry_after_is_honoured(held, app, slept):
    held.fail("GET", "/blobs/", status(429, Retry_After="7"))
    assert app.open(BLOB).read() == DATA
    assert slept == [7.0]


def test_a_wait_that_is_too_long_is_told(server, app, slept):
    server.fail("GET", "/manifests/", status(429, b"slow down\x1b[2J", Content_Type="text/plain", Retry_After="21600"))
    with pytest.raises(RegistryError) as caught:
        manifest_of(server, app)()
    assert caught.value.message == (
        f"cannot GET `{server.url}/v2/app/manifests/1`: 429 Too Many Requests: slow down [2J"
    )
    assert caught.value.hint == "the registry limits its rate: wait 21600 s"
    assert caught.value.temporary
    assert slept == []


def test_an_error_page_is_not_quoted(server, app):
    server.fail("GET", "/manifests/", status(400, b"<!doctype html><h1>Sorry</h1>", Content_Type="text/html"))
    assert message_of(manifest_of(server, app)) == (
        f"cannot GET `{server.url}/v2/app/manifests/1`: 400 Bad Request: an HTML page, not a registry's answer"
    )


def test_an_error_without_an_end(server, app):
    server.fail("GET", "/manifests/", endless(head=400))
    assert message_of(manifest_of(server, app)) == f"cannot GET `{server.url}/v2/app/manifests/1`: 400 Bad Request"


def test_bad_certificates_are_named(tmp_path):
    with pytest.raises(RegistryError) as caught:
        Session(Network(ca_file=tmp_path / "none.pem")).transport.send("GET", "https://registry.invalid/", {})
    assert caught.value.message == (f"cannot read certificates `{tmp_path}/none.pem`: No such file or directory")
