"""Referrers, by the registry's own list and by the list under a tag."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from lissom.errors import LissomError, RegistryError
from lissom.oci.digest import Digest
from lissom.oci.document import EMPTY, INDEX, MANIFEST, Descriptor, Index, Manifest
from lissom.oci.reference import Reference
from lissom.oci.referrers import is_fallback_tag, referrer_of, referrers_tag
from lissom.registry.client import Registry
from lissom.registry.endpoint import Endpoint, Route
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from registry_server import endless, hang_up, status

SUBJECT = Descriptor(MANIFEST, Digest.of(b"an image"), 8)
TAG = referrers_tag(SUBJECT.digest)


def referrer(number: int = 0, kind: str = "application/x", subject: Descriptor = SUBJECT) -> Manifest:
    empty = Descriptor(EMPTY, Digest.of(b"{}"), 2)
    return Manifest.make(empty, [empty], {"number": str(number)}, subject=subject, artifact_type=kind)


def put(app, manifest: Manifest) -> Descriptor:
    return app.put_manifest(manifest.raw, MANIFEST, None)


def listed(server) -> list[str]:
    return [str(d.digest) for d in Index.parse(server.state.manifests["app", TAG][1]).manifests]


@pytest.fixture(params=["api", "tag"])
def lists(request, server):
    server.state.referrers = request.param == "api"
    return request.param


def test_what_was_put_is_found(server, app, lists):
    assert app.referrers(SUBJECT.digest) == ()
    one, two = referrer(1), referrer(2, "application/y")
    for manifest in (one, two, one):
        put(app, manifest)
    found = app.referrers(SUBJECT.digest)
    assert {d.digest for d in found} == {one.digest, two.digest}
    assert {d.digest: d for d in found} == {m.digest: referrer_of(m.raw, MANIFEST)[1] for m in (one, two)}
    assert {d.artifact_type: d.annotations for d in found} == {
        "application/x": {"number": "1"},
        "application/y": {"number": "2"},
    }
    assert [d.digest for d in app.referrers(SUBJECT.digest, "application/y")] == [two.digest]
    assert app.referrers(Digest.of(b"other")) == ()
    assert (("app", TAG) in server.state.manifests) == (lists == "tag")


def test_an_image_that_refers_has_its_configs_type(server, app):
    config = Descriptor("application/vnd.example.config", Digest.of(b"{}"), 2)
    put(app, Manifest.make(config, [], subject=SUBJECT))
    app.put_manifest(
        Index.make([]).raw.replace(b"}", b',"subject":%s}' % json.dumps(SUBJECT.to_json()).encode(), 1), INDEX, None
    )
    found = app.referrers(SUBJECT.digest)
    assert [(d.media_type, d.artifact_type) for d in found] == [(MANIFEST, config.media_type), (INDEX, "")]


def test_a_registry_without_a_list_is_asked_for_it_once(server, app):
    for data in (b"1", b"2", b"3"):
        app.referrers(Digest.of(data))
    assert len(server.asked("GET", "/referrers/")) == 1
    assert len(server.asked("GET", "/manifests/sha256-")) == 3


@pytest.mark.parametrize("code", [400, 405, 501], ids=str)
def test_other_ways_to_have_no_list(server, app, code):
    put(app, referrer())
    server.fail("GET", "/referrers/", status(code, b"no"))
    assert len(app.referrers(SUBJECT.digest)) == 1


def test_a_web_page_is_no_list(server, app):
    server.fail("GET", "/referrers/", status(200, b"<html>", Content_Type="text/html; charset=utf-8"))
    assert app.referrers(SUBJECT.digest) == ()


def test_pages_are_followed(server, app):
    server.state.referrers, server.state.page = True, 2
    for number in range(5):
        put(app, referrer(number))
    assert len(app.referrers(SUBJECT.digest)) == 5
    assert len(server.asked("GET", "/referrers/")) == 3
    assert len(app.referrers(SUBJECT.digest, "application/x")) == 5


def test_a_list_that_is_not_filtered_is_filtered_here(server, app):
    server.state.referrers = True
    kinds = ["application/x", "application/y"]
    raw = Index.make([referrer_of(referrer(0, kind).raw, MANIFEST)[1] for kind in kinds]).raw
    server.fail("GET", "/referrers/", status(200, raw, Content_Type=INDEX))
    assert [d.artifact_type for d in app.referrers(SUBJECT.digest, "application/y")] == ["application/y"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (status(200, b"[]", Content_Type=INDEX), "it is not a JSON object"),
        (status(200, b'{"manifests":[{}]}', Content_Type=INDEX), "size `None` is not a number of bytes"),
        (status(200, b'{"manifests":7}', Content_Type=INDEX), "its list of descriptors is missing"),
        (status(200, b"{" * 100_000, Content_Type=INDEX), "it is not JSON"),
        (status(403, b"no"), "403 Forbidden: no"),
        (status(200, b'{"manifests":[]}', Content_Type=INDEX, Link='<https://elsewhere.example/>; rel="next"'), "is on another host"),
    ],
    ids=["list", "entry", "number", "deep", "forbidden", "elsewhere"],
)  # fmt: skip
def test_an_answer_that_is_no_list_is_told(server, app, answer, message):
    server.fail("GET", "/referrers/", answer)
    with pytest.raises(RegistryError, match=message):
        app.referrers(SUBJECT.digest)


def test_a_list_without_end_ends(server, app):
    server.fail("GET", "/referrers/", endless(content_type=INDEX))
    with pytest.raises(RegistryError, match="is longer than 67108864 bytes"):
        app.referrers(SUBJECT.digest)


def test_pages_without_end_end(server, app, monkeypatch):
    monkeypatch.setattr("lissom.registry.pages._MOST", 5)
    pages = iter(range(100))

    def another(handler):
        link = f'</v2/app/tags/list?page={next(pages)}>; rel="next"'
        handler.answer(200, b'{"tags":["a"]}', Content_Type="application/json", Link=link)

    server.fail("GET", "/tags/", another, times=100)
    with pytest.raises(RegistryError, match="the list has no end"):
        app.tags()


def test_what_others_put_under_the_tag_stays(server, app):
    theirs = {**referrer(9).descriptor.to_json(), "unknown": 1}
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [theirs], "annotations": {"by": "them"}}
    server.state.manifests["app", TAG] = (INDEX, json.dumps(document).encode())
    manifest = referrer(1)
    put(app, manifest)
    now = json.loads(server.state.manifests["app", TAG][1])
    assert now["annotations"] == {"by": "them"}
    assert now["manifests"] == [theirs, referrer_of(manifest.raw, MANIFEST)[1].to_json()]


def test_a_tag_that_is_no_list_is_not_overwritten(server, app):
    image = Manifest.make(Descriptor(EMPTY, Digest.of(b"{}"), 2), [])
    server.state.manifests["app", TAG] = (MANIFEST, image.raw)
    with pytest.raises(RegistryError, match="is not an image index"):
        put(app, referrer())
    assert server.state.manifests["app", TAG] == (MANIFEST, image.raw)


def test_one_who_overwrites_the_list_is_noticed(server, app, slept):
    theirs, ours = referrer(1), referrer(2)

    def overwritten(handler):
        raw = Index.make([referrer_of(theirs.raw, MANIFEST)[1]]).raw
        server.state.manifests["app", TAG] = (INDEX, raw)
        handler.answer(201)

    server.fail("PUT", f"/manifests/{TAG}", overwritten, times=2)
    put(app, ours)
    assert listed(server) == [theirs.digest, ours.digest]
    assert len(server.asked("PUT", f"/manifests/{TAG}")) == 3


def test_one_who_always_overwrites_is_told(server, app):
    server.fail("PUT", f"/manifests/{TAG}", status(201), times=99)
    with pytest.raises(RegistryError, match="others overwrite it"):
        put(app, referrer())


def test_several_at_once_in_one_process(server, app):
    manifests = [referrer(number) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda manifest: put(app, manifest), manifests))
    assert sorted(listed(server)) == sorted(m.digest for m in manifests)


def test_a_referrer_that_is_removed_leaves_the_list(server, app, lists):
    server.state.deletes = ("digest",)
    one, two = referrer(1), referrer(2)
    put(app, one)
    put(app, two)
    app.remove(one.descriptor)
    assert [d.digest for d in app.referrers(SUBJECT.digest)] == [two.digest]


def test_removing(server, app):
    manifest = Manifest.make(Descriptor(EMPTY, Digest.of(b"{}"), 2), [])
    app.put_manifest(manifest.raw, MANIFEST, Reference.parse(f"{server.host}/app:1"))
    assert not app.remove_tag("1")
    with pytest.raises(RegistryError, match="does not let anybody delete") as caught:
        app.remove(manifest.descriptor)
    assert "storage: {delete: {enabled: true}}" in caught.value.hint
    server.state.deletes = ("tag", "digest")
    assert app.remove_tag("1")
    assert ("app", str(manifest.digest)) in server.state.manifests
    with pytest.raises(RegistryError, match="404"):
        app.remove_tag("1")
    app.remove(manifest.descriptor)
    with pytest.raises(LissomError):
        app.remove(manifest.descriptor)


def test_the_tag_of_a_digest() -> None:
    assert f"sha256-{SUBJECT.digest.hex}" == TAG
    assert referrers_tag(Digest("sha512:" + "a" * 128)) == "sha512-" + "a" * 64
    assert all(is_fallback_tag(TAG + end) for end in ("", ".sig", ".att", ".sbom"))
    assert not any(is_fallback_tag(text) for text in ("1", "latest", "sha256-12", TAG + ".x", TAG + "\n"))


@pytest.fixture
def mirrored(server, other, slept):
    """A repository of ``server`` that ``other`` mirrors, under the same name."""

    def routes(reference: Reference) -> Route:
        origin = Endpoint(server.host, server.host, "app")
        return Route((replace(origin, registry=other.host, host=other.host, mirror=True), origin), origin)

    with Session(Network(pauses=Pauses(slept.append), connect_deadline=2, attempts=2), routes=routes) as session:
        yield lambda **how: Registry(Reference.parse(f"{server.host}/app:1"), session, **how)


def test_a_mirror_without_a_list_is_no_reason_to_have_none(server, other, mirrored):
    server.state.referrers = True
    manifest = referrer()
    put(mirrored(), manifest)
    assert [d.digest for d in mirrored().referrers(SUBJECT.digest)] == [manifest.digest]
    assert other.asked("GET", "/referrers/")
    assert not other.asked("PUT", "")


def test_what_is_changed_is_read_at_its_origin(server, other, mirrored):
    old, new = (Manifest.make(Descriptor(EMPTY, Digest.of(b"{}"), 2), [], {"a": a}) for a in ("old", "new"))
    name = Reference.parse(f"{server.host}/app:1")
    other.state.manifests["app", "1"] = (MANIFEST, old.raw)
    mirrored().put_manifest(new.raw, MANIFEST, name)
    assert mirrored().get_manifest(name).digest == old.digest
    assert mirrored(at_origin=True).get_manifest(name).digest == new.digest


def test_a_list_under_a_tag_is_changed_at_its_origin(server, other, mirrored):
    stale = Index.make([referrer_of(referrer(7).raw, MANIFEST)[1]])
    other.state.manifests["app", TAG] = (INDEX, stale.raw)
    manifest = referrer(1)
    put(mirrored(), manifest)
    assert listed(server) == [manifest.digest]


FAULTS = {
    "reset": hang_up(reset=True),
    "closed": hang_up(),
    "503": status(503, b"busy"),
    "429": status(429, b"slow down", Retry_After="0"),
    "half": lambda handler: handler.answer(200, b'{"schemaVersion":2,"manif', Content_Type=INDEX, Content_Length="900"),
    "empty": status(200, b"", Content_Type=INDEX),
    "html": status(200, b"<html>", Content_Type="text/html"),
    "500": status(500, b"no"),
}


@pytest.mark.parametrize("times", [1, 99], ids=["once", "always"])
@pytest.mark.parametrize(
    ("fault", "method"),
    [(fault, method) for fault in FAULTS for method in ("GET", "PUT") if (fault, method) != ("half", "PUT")],
)
def test_a_list_is_as_before_or_longer_whatever_fails(server, app, fault, method, times):
    theirs, ours = referrer(1), referrer(2)
    put(app, theirs)
    server.fail(method, f"/manifests/{TAG}", FAULTS[fault], times=times)
    with suppress(LissomError):
        put(app, ours)
        assert listed(server) == [theirs.digest, ours.digest]
    assert listed(server)[0] == theirs.digest
