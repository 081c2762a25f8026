import hashlib
import io
import json

import pytest

from lissom.errors import IntegrityError, RegistryError
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX, LAYER_GZIP, MANIFEST, Descriptor, Manifest
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from registry_server import status

DATA = bytes(range(256)) * 5000


def described(data, media_type=LAYER_GZIP):
    return Descriptor(media_type, Digest.of(data), len(data))


def reference(server, text="app:1"):
    return Reference.parse(f"{server.host}/{text}")


def store_image(server, registry, data=DATA):
    config, layer = described(b"{}", "application/vnd.oci.image.config.v1+json"), described(data)
    for blob, content in ((config, b"{}"), (layer, data)):
        server.hold(registry.repository, content)
        assert registry.has_blob(blob.digest)
    manifest = Manifest.make(config, [layer])
    registry.put_manifest(manifest.raw, MANIFEST, reference(server, f"{registry.repository}:1"))
    return manifest


def test_a_manifest_is_asked_for_once(server, app):
    manifest = store_image(server, app)
    app._manifests._kept.clear()
    found = app.get_manifest(reference(server))
    assert found == manifest.descriptor
    assert app.open(found).read() == manifest.raw
    assert len(server.asked("GET", "/manifests/")) == 1


def test_resolve_takes_a_head_request(server, app):
    manifest = store_image(server, app)
    assert app.resolve(reference(server)) == manifest.descriptor
    assert not server.asked("GET", "/manifests/")


def test_resolve_falls_back_to_get(server, app):
    manifest = store_image(server, app)
    server.fail("HEAD", "/manifests/", status(405))
    assert app.resolve(reference(server)) == manifest.descriptor


def test_a_blob_comes_back_as_it_was_put(server, app):
    app.put(described(DATA), io.BytesIO(DATA))
    assert app.has(Digest.of(DATA))
    with app.open(described(DATA)) as stream:
        assert stream.read(10) == DATA[:10]
        assert stream.read() == DATA[10:]
        assert stream.read() == b""


def test_an_empty_blob(server, app):
    app.put(described(b""), io.BytesIO(b""))
    assert app.open(described(b"")).read() == b""


def test_a_blob_that_is_there_is_not_sent(server, app):
    server.hold("app", DATA)
    app.put(described(DATA), io.BytesIO(b"never read"))
    assert not server.asked("POST", "")


def test_a_blob_is_mounted_from_a_repository_that_is_known_to_hold_it(server, app, registry):
    server.hold("base", DATA)
    registry("base").open(described(DATA)).close()
    app.put(described(DATA), io.BytesIO(b"never read"))
    [post] = server.asked("POST", "")
    assert post.path == f"/v2/app/blobs/uploads/?mount=sha256%3A{hashlib.sha256(DATA).hexdigest()}&from=base"
    assert not server.asked("PUT", "")


def test_no_such_tag_names_the_nearest(server, app):
    store_image(server, app)
    for tag in ("1.2.3", "1.2.4", "nightly"):
        app.put_manifest(b"{}", MANIFEST, reference(server, f"app:{tag}"))
    with pytest.raises(RegistryError) as caught:
        app.get_manifest(reference(server, "app:1.2.5"))
    assert caught.value.message == (
        f"cannot GET `{server.url}/v2/app/manifests/1.2.5`: 404 Not Found: MANIFEST_UNKNOWN: manifest unknown"
    )
    assert caught.value.hint == f"did you mean `{server.host}/app:1.2.4`, `{server.host}/app:1.2.3`?"


def test_tags_follow_the_link(server, app):
    page = json.dumps({"tags": ["a"]}).encode()
    server.fail("GET", "/tags/", status(200, page, Link='</v2/app/tags/list?last=a>; rel="next"'))
    app.put_manifest(b"{}", MANIFEST, reference(server, "app:b"))
    assert app.tags() == ["a", "b"]


def test_tags_do_not_follow_a_link_for_ever(server, app):
    page = json.dumps({"tags": ["a"]}).encode()
    server.fail("GET", "/tags/", status(200, page, Link='</v2/app/tags/list?n=1000>; rel="next"'), times=9)
    assert app.tags() == ["a"]


def test_a_reference_by_digest_must_get_that_digest(server, app):
    manifest = store_image(server, app)
    wanted = reference(server, f"app@{Digest.of(b'other')}")
    server.fail("GET", "/manifests/", status(200, manifest.raw, Content_Type=MANIFEST))
    with pytest.raises(IntegrityError) as caught:
        app.get_manifest(wanted)
    assert caught.value.message == (
        f"cannot pull `{wanted}` from `{server.url}/v2/app/manifests/{wanted.digest}`: its digest is {manifest.digest}"
    )


def test_the_registry_must_agree_with_the_digest_it_states(server, app):
    server.fail("GET", "/manifests/", status(200, b"{}", Content_Type=MANIFEST, Docker_Content_Digest=Digest.of(b"x")))
    with pytest.raises(IntegrityError) as caught:
        app.get_manifest(reference(server))
    assert caught.value.message == (
        f"cannot pull `{reference(server)}` from `{server.url}/v2/app/manifests/1`: "
        f"its digest is {Digest.of(b'{}')}, the registry says {Digest.of(b'x')}"
    )


def test_html_is_no_manifest(server, app):
    server.fail("GET", "/manifests/", status(200, b"<html>log in</html>", Content_Type="text/html"))
    with pytest.raises(RegistryError) as caught:
        app.get_manifest(reference(server))
    assert caught.value.message == (
        f"cannot GET `{server.url}/v2/app/manifests/1`: the answer is an HTML page, not a manifest"
    )


def test_garbage_is_no_manifest(server, app):
    server.fail("GET", "/manifests/", status(200, b'{"layers": ', Content_Type=MANIFEST))
    with pytest.raises(IntegrityError) as caught:
        app.get_manifest(reference(server))
    assert caught.value.message == (
        "cannot read manifest: it is not JSON (Expecting value: line 1 column 12 (char 11)) "
        f"(from `{server.url}/v2/app/manifests/1`)"
    )


def test_a_manifest_cannot_be_image_and_index_at_once(server, app):
    server.fail("GET", "/manifests/", status(200, b'{"layers": [], "manifests": []}', Content_Type=INDEX))
    with pytest.raises(IntegrityError) as caught:
        app.get_manifest(reference(server))
    assert caught.value.message == (
        f"cannot read manifest: it is an index and an image at once (from `{server.url}/v2/app/manifests/1`)"
    )


def test_a_registry_is_for_one_repository(server, app):
    with pytest.raises(ValueError, match="is not in"):
        app.get_manifest(reference(server, "another:1"))


def test_two_repositories_share_a_host(server, other, session, app, registry):
    assert app.shares_host(registry("b"))
    assert not app.shares_host(Registry(reference(other), session))
