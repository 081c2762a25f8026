import io

import pytest

from lissom.errors import IntegrityError, RegistryError
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, Descriptor
from lissom.registry.sending import upload
from lissom.registry.sending.writing import Sent
from registry_server import cut_upload, hang_up, status

DATA = bytes(range(256)) * 64
CHUNK = 5000


def described(data, media_type=LAYER_GZIP):
    return Descriptor(media_type, Digest.of(data), len(data))


@pytest.fixture
def chunks(monkeypatch):
    """Chunks as small as the test's blob needs them."""
    monkeypatch.setattr(upload, "_CHUNK", CHUNK)
    monkeypatch.setattr(upload, "_SMALLEST_CHUNK", CHUNK // 8)


def ranges(server):
    return [seen.headers["Content-Range"] for seen in server.asked("PATCH", "")]


@pytest.mark.parametrize("code", [401, 403, 404, 405, 500])
def test_a_refused_mount_is_followed_by_an_upload(server, app, code):
    app.known_in(Digest.of(DATA), "elsewhere")
    server.fail("POST", "mount=", status(code), times=9)
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA


@pytest.mark.parametrize("code", [404, 405, 411, 413])
def test_a_registry_that_refuses_one_big_put_gets_chunks(server, app, code):
    server.fail("PUT", "/uploads/", status(code))
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    [patch] = server.asked("PATCH", "")
    assert patch.headers["Content-Range"] == f"0-{len(DATA) - 1}"


def test_an_upload_that_was_cut_starts_anew(server, app, slept):
    server.fail("PUT", "/uploads/", status(502))
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    assert len(slept) == 1


def test_no_registry_gets_the_whole_of_wrong_bytes(server, app):
    with pytest.raises(IntegrityError) as caught:
        app.put(described(DATA), io.BytesIO(DATA[::-1]))
    found = Digest.of(DATA[::-1])
    assert caught.value.message == f"cannot push `{Digest.of(DATA)}`: its bytes have digest `{found}`"
    assert not server.state.blobs
    assert not server.state.uploads


def test_a_registry_that_finds_the_digest_wrong_is_believed(server, app):
    server.fail("PUT", "/uploads/", status(400, b'{"errors":[{"code":"DIGEST_INVALID","message":"no"}]}'), times=9)
    with pytest.raises(RegistryError) as caught:
        app.put(described(DATA), io.BytesIO(DATA))
    assert caught.value.message == (
        f"cannot PUT `{server.url}/v2/app/blobs/uploads/u0?…`: 400 Bad Request: DIGEST_INVALID: no"
    )


@pytest.mark.parametrize(("given", "found"), [(DATA[:-1], len(DATA) - 1), (DATA + b"x", "more"), (b"", 0)])
def test_an_upload_of_another_length_is_told(server, app, given, found):
    with pytest.raises(IntegrityError) as caught:
        app.put(described(DATA), io.BytesIO(given))
    assert caught.value.message == f"cannot push `{Digest.of(DATA)}`: {found} bytes instead of {len(DATA)}"
    assert not app.has(Digest.of(DATA))


def test_an_upload_needs_a_place(server, app):
    server.fail("POST", "/uploads/", status(202))
    with pytest.raises(RegistryError) as caught:
        app.put(described(DATA), io.BytesIO(DATA))
    assert caught.value.message == (
        f"cannot POST `{server.url}/v2/app/blobs/uploads/`: the registry does not say where to upload"
    )


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_cut_upload_goes_on_where_the_registry_has_it(server, app, reset):
    server.fail("PUT", "/uploads/", cut_upload(9000, reset=reset))
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    assert ranges(server) == [f"9000-{len(DATA) - 1}"]


def test_a_registry_that_forgets_a_cut_upload_gets_chunks_anew(server, app, chunks):
    server.fail("PUT", "/uploads/", cut_upload(9000, keep=False))
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    assert ranges(server) == ["0-4999", "5000-9999", "10000-14999", f"15000-{len(DATA) - 1}"]


def test_a_cut_chunk_goes_on_in_its_middle(server, app, chunks):
    server.fail("PUT", "/uploads/", status(413))
    server.fail("PATCH", "/uploads/", cut_upload(0))
    server.fail("PATCH", "/uploads/", cut_upload(3000))
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    assert ranges(server)[1:3] == ["0-4999", "3000-7999"]


def test_progress_gives_patience_back(server, app, chunks, slept):
    server.fail("PUT", "/uploads/", status(413))
    for _ in range(8):  # more than the three tries that the session has
        server.fail("PATCH", "/uploads/", cut_upload(2000))
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    assert len(slept) == 8


def test_no_progress_ends_it(server, app, slept):
    server.fail("PUT", "/uploads/", hang_up(), times=9)
    with pytest.raises(RegistryError) as caught:
        app.put(described(DATA), io.BytesIO(DATA))
    assert caught.value.message.endswith("the connection was cut")
    assert len(slept) == 2


def test_an_upload_that_is_given_up_is_cancelled(server, app):
    server.fail("PUT", "/uploads/", status(403))
    with pytest.raises(RegistryError):
        app.put(described(DATA), io.BytesIO(DATA))
    assert len(server.asked("DELETE", "/uploads/")) == 1
    assert not server.state.uploads


def test_an_interrupted_upload_is_cancelled(server, app):
    class Interrupted(io.BytesIO):
        def read(self, size=-1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        app.put(described(DATA), Interrupted(DATA))
    assert not server.state.uploads


def test_a_chunk_out_of_order_asks_for_the_place(server, app, chunks, slept):
    server.fail("PUT", "/uploads/", status(413))

    def skipped(handler):
        handler.server.state.uploads["u1"] += handler.body[:100]
        handler.answer(416)

    server.fail("PATCH", "/uploads/", skipped)
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    assert ranges(server)[1] == "100-5099"
    assert not slept


def test_chunks_that_are_too_large_become_smaller(server, app, chunks):
    server.fail("PUT", "/uploads/", status(413))
    server.fail("PATCH", "/uploads/", status(413))
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    assert ranges(server)[:2] == ["0-4999", "0-1249"]


def test_chunks_are_as_large_as_the_registry_wants(server, app, chunks):
    server.fail("PUT", "/uploads/", status(413))

    def begun(handler):
        handler.server.state.uploads["mine"] = bytearray()
        handler.answer(202, Location="mine?x=1", OCI_Chunk_Min_Length="7000")

    server.fail("POST", "/uploads/", lambda handler: handler._route())
    server.fail("POST", "/uploads/", begun)
    app.put(described(DATA), io.BytesIO(DATA))
    assert ranges(server) == ["0-6999", "7000-13999", f"14000-{len(DATA) - 1}"]
    assert server.asked("PATCH", "")[0].path == "/v2/app/blobs/uploads/mine?x=1"


def test_an_offset_that_was_a_lie_is_found_out(server, app):
    def lies(handler):
        handler.server.state.uploads["u0"] += b"other bytes"
        handler.answer(502)

    server.fail("PUT", "/uploads/", lies)
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA


def test_a_registry_that_is_busy_is_waited_for(server, app, slept):
    server.fail("PUT", "/uploads/", status(429, Retry_After="7"))
    server.fail("PUT", "/uploads/", status(503, Retry_After="9"))
    app.put(described(DATA), io.BytesIO(DATA))
    assert slept == [7, 9]
    assert server.state.blobs[Digest.of(DATA)] == DATA


def test_a_wait_that_is_too_long_is_told(server, app, slept):
    server.fail("PUT", "/uploads/", status(429, Retry_After="900"))
    with pytest.raises(RegistryError) as caught:
        app.put(described(DATA), io.BytesIO(DATA))
    assert caught.value.hint == "the registry limits its rate: wait 900 s"
    assert not slept


def test_a_token_that_ends_in_the_middle_is_renewed(server, app, chunks):
    server.state.auth = "bearer"
    server.fail("PUT", "/uploads/", status(413))
    realm = f'Bearer realm="{server.url}/token",service="test"'
    server.fail("PATCH", "/uploads/", lambda handler: handler._route())
    server.fail("PATCH", "/uploads/", status(401, WWW_Authenticate=realm))
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA
    assert ranges(server)[1:3] == ["5000-9999", "5000-9999"]


def test_a_token_server_that_grants_one_repository_only_refuses_no_blob(server, app):
    server.state.auth = "bearer"
    app.known_in(Digest.of(DATA), "elsewhere")
    server.fail("GET", "/token.*elsewhere", status(401), times=9)
    app.put(described(DATA), io.BytesIO(DATA))
    assert server.state.blobs[Digest.of(DATA)] == DATA


def test_a_mount_that_became_an_upload_is_used(server, app):
    app.known_in(Digest.of(DATA), "elsewhere")
    app.put(described(DATA), io.BytesIO(DATA))
    assert len(server.asked("POST", "")) == 1


def test_another_host_gets_the_blob_without_the_login(server, other, app):
    server.state.auth = "bearer"
    other.state.uploads["far"] = bytearray()
    there = f"{other.url}/v2/app/blobs/uploads/far?signed=1"

    def begun(handler):
        handler.answer(202, Location=there)

    server.fail("POST", "/uploads/", lambda handler: handler._allowed())
    server.fail("POST", "/uploads/", begun)
    app.put(described(DATA), io.BytesIO(DATA))
    [put] = other.asked("PUT", "")
    assert "Authorization" not in put.headers
    assert put.path.startswith("/v2/app/blobs/uploads/far?signed=1&digest=sha256%3A")
    assert other.state.blobs[Digest.of(DATA)] == DATA


def test_it_is_said_how_a_blob_came_there(server, app):
    def opened(start):
        return io.BytesIO(DATA[start:])

    assert app.upload(described(DATA), opened) is Sent.MOVED
    assert app.upload(described(DATA), opened) is Sent.PRESENT
    server.hold("base", b"shared")
    app.known_in(Digest.of(b"shared"), "base")
    assert app.upload(described(b"shared"), opened) is Sent.MOUNTED


def test_a_registry_that_stored_another_manifest_is_told(server, app):
    server.fail("PUT", "/manifests/", status(201, Docker_Content_Digest="sha256:" + "0" * 64))
    with pytest.raises(IntegrityError) as caught:
        app.put_manifest(b"{}", "application/vnd.oci.image.index.v1+json", None)
    assert f"not {Digest.of(b'{}')}" in caught.value.message
