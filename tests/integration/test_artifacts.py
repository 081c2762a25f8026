"""Things that refer to images, against docker-registry (which keeps no lists) and a registry that does."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from lissom.api.access import Access
from lissom.api.archives import load, save
from lissom.api.attach import File, attach, attached_bytes, media_type_of_file
from lissom.api.attached import attached, fetched, listed
from lissom.api.moves import copy, pull, push
from lissom.api.remote_names import remove, tag, tags
from lissom.cli.sbom_attached import attached_bill
from lissom.errors import IntegrityError, LissomError, RegistryError, StoreError, UsageError
from lissom.image.image import Image, Layer, put_bytes
from lissom.image.referrer import Bond
from lissom.oci.digest import Digest
from lissom.oci.document import EMPTY, INDEX, LAYER, MANIFEST, Descriptor, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.store.gc import collect
from lissom.store.store import Store
from oracle.registry import start
from registry_server import RegistryServer

pytestmark = pytest.mark.registry

SPDX = "application/spdx+json"
NOTE = "application/vnd.example.note"


@pytest.fixture(scope="module")
def debians(tmp_path_factory):
    if shutil.which("docker-registry") is None:
        pytest.skip("docker-registry is not installed")
    child, host = start(tmp_path_factory.mktemp("registry"), deletes=True)
    yield host
    child.terminate()
    child.wait()


@pytest.fixture
def listing():
    server = RegistryServer()
    server.state.referrers, server.state.page = True, 2
    yield server.host
    server.stop()


@pytest.fixture(params=["tag", "api"])
def host(request):
    return request.getfixturevalue({"tag": "debians", "api": "listing"}[request.param])


@pytest.fixture
def repository(host, request) -> str:
    """A repository for the test alone."""
    return f"{host}/{abs(hash(request.node.name))}"


@pytest.fixture
def access(tmp_path):
    with Store.at(tmp_path / "store") as store, Session(Network()) as session:
        yield Access(store, session)


def image_in(access: Access, name: str, data: bytes = b"layer", arch: str = "amd64") -> Image:
    layer = Descriptor(LAYER, Digest.of(data), len(data))
    put_bytes(access.store, layer, data)
    image = Image.make([Layer(layer, layer.digest)], {"architecture": arch, "os": "linux"}, access.store)
    access.store.put_manifest(image.manifest.raw, MANIFEST, Reference.parse(name))
    return image


def file_of(tmp_path: Path, name: str, data: str) -> File:
    (tmp_path / name).write_text(data)
    return File(tmp_path / name, media_type_of_file(tmp_path / name))


def pushed(access: Access, name: str, **more) -> Image:
    image = image_in(access, name, **more)
    push(access, name)
    return image


@pytest.fixture(params=["store", "layout", "tag", "api"])
def place(request, access, tmp_path) -> str:
    """An image in each kind of place that can be attached to."""
    image_in(access, "app:1")
    if request.param == "store":
        return "app:1"
    if request.param == "layout":
        copy(access, "app:1", f"oci:{tmp_path}/layout:1")
        return f"oci:{tmp_path}/layout:1"
    host = request.getfixturevalue({"tag": "debians", "api": "listing"}[request.param])
    name = f"docker://{host}/place{abs(hash(request.node.name))}:1"
    copy(access, "app:1", name)
    return name


def test_what_was_attached_is_listed_and_fetched(access, place, tmp_path):
    bill = attach(access, place, [file_of(tmp_path, "app.spdx.json", '{"a": 1}')], created=0)
    notes = [file_of(tmp_path, "one.txt", "one"), file_of(tmp_path, "two.md", "two")]
    note = attach(access, place, notes, artifact_type=NOTE, annotations={"k": "v"}, created=86400)
    found = listed(access, place).referrers
    assert {(one.descriptor.digest, one.artifact_type, one.created, one.size) for one in found} == {
        (bill.digest, SPDX, "1970-01-01T00:00:00Z", 8),
        (note.digest, NOTE, "1970-01-02T00:00:00Z", 6),
    }
    assert [one.artifact_type for one in listed(access, place, artifact_type=NOTE).referrers] == [NOTE]
    with fetched(access, place, SPDX) as one:
        assert [content.name for content in one.contents] == ["app.spdx.json"]
        with one.open(one.contents[0]) as stream:
            assert stream.read() == b'{"a": 1}'
    with fetched(access, place, note.digest.short) as one:
        assert {content.name for content in one.contents} == {"one.txt", "two.md"}
        assert one.referrer.descriptor.annotations["k"] == "v"
    with (
        pytest.raises(StoreError, match="nothing that refers to it has this type or digest"),
        fetched(access, place, "x/y"),
    ):
        pass  # fmt: skip


def test_attaching_the_same_again_changes_nothing(access, place):
    given = {"media_type": SPDX, "platform": None, "created": 5}
    one = attached_bytes(access, place, "bill", b"{}", **given)
    assert attached_bytes(access, place, "bill", b"{}", **given) == one
    assert len(listed(access, place).referrers) == 1


def test_what_refers_to_a_referrer_hangs_below_it(access, repository, tmp_path):
    pushed(access, f"{repository}:1")
    bill = attach(access, f"docker://{repository}:1", [file_of(tmp_path, "app.spdx.json", "{}")])
    signature = attach(access, f"docker://{repository}@{bill.digest}", [file_of(tmp_path, "sig.txt", "mine")])
    (found,) = listed(access, f"docker://{repository}:1").referrers
    assert [one.descriptor.digest for one in found.all()] == [bill.digest, signature.digest]


def copies(access, repository, tmp_path, source):
    """``source`` copied around with what refers to it, and every place on the way."""
    other = repository.replace("/", "/other", 1)
    way = [f"docker://{other}:1", f"oci:{tmp_path}/copied:1", f"oci-archive:{tmp_path}/a.tar:{other}:1", "back:1"]
    for target in [*way, f"docker://{repository}back:1"]:
        copy(access, source, target, referrers=True, everything=True)
        yield target
        source = target


def test_referrers_are_copied_everywhere(access, repository, tmp_path):
    image = pushed(access, f"{repository}:1")
    source = f"docker://{repository}:1"
    bill = attach(access, source, [file_of(tmp_path, "app.spdx.json", "{}")])
    attach(
        access, f"docker://{repository}@{bill.digest}", [file_of(tmp_path, "sig.txt", "mine")], annotations={"a": "b"}
    )
    before = listed(access, source)
    assert sum(1 for _ in before.all()) == 2
    for target in copies(access, repository, tmp_path, source):
        after = listed(access, target)
        assert after.descriptor.digest == image.digest
        assert [replace(o.descriptor, extra={}) for o in after.all()] == [replace(o.descriptor, extra={}) for o in before.all()]  # fmt: skip
    collect(access.store)
    assert sum(1 for _ in listed(access, "back:1").all()) == 2


def test_a_plain_copy_leaves_referrers_behind(access, repository, tmp_path):
    pushed(access, f"{repository}:1")
    attach(access, f"docker://{repository}:1", [file_of(tmp_path, "app.spdx.json", "{}")])
    copy(access, f"docker://{repository}:1", "mine:1")
    pull(access, f"{repository}:1")
    assert listed(access, "mine:1").referrers == ()
    with pytest.raises(UsageError, match="it holds images alone"):
        copy(access, f"docker://{repository}:1", f"docker-archive:{tmp_path}/a.tar", referrers=True)


@pytest.fixture
def index(access, repository) -> tuple[str, dict[str, Digest]]:
    """An index of two images with an attestation of one, and what cosign has of the other, in a registry."""
    images = {arch: image_in(access, f"{arch}:1", arch.encode(), arch) for arch in ("amd64", "arm64")}
    store, statement = access.store, b'{"predicate": {"spdxVersion": "SPDX-2.3"}}'
    blob = Descriptor("application/vnd.in-toto+json", Digest.of(statement), len(statement),
                      {"in-toto.io/predicate-type": "https://spdx.dev/Document"})  # fmt: skip
    put_bytes(store, blob, statement)
    config = images["amd64"].manifest.config
    note = Manifest.make(config, [blob])
    store.put_manifest(note.raw, MANIFEST, None)
    of = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": images["amd64"].digest}
    made = Index.make(
        [
            *(replace(i.manifest.descriptor, platform=Platform("linux", arch)) for arch, i in images.items()),
            replace(note.descriptor, annotations=of, platform=Platform("unknown", "unknown")),
        ]
    )
    store.put_manifest(made.raw, INDEX, Reference.parse(f"{repository}:1"))
    push(access, f"{repository}:1")
    signature = Manifest.make(config, [replace(blob, media_type="application/vnd.dev.cosign.simplesigning.v1+json")])
    tagged = f"{repository}:sha256-{images['arm64'].digest.hex}.sig"
    store.put_manifest(signature.raw, MANIFEST, Reference.parse(tagged))
    push(access, tagged)
    digests = {arch: image.digest for arch, image in images.items()}
    return f"docker://{repository}:1", {**digests, "note": note.digest, "signature": signature.digest}


def test_attestations_and_cosigns_tags_are_listed_as_what_they_are(access, index, tmp_path):
    name, digests = index
    found = listed(access, name)
    assert found.referrers == ()
    by_image = {image.descriptor.digest: image.referrers for image in found.images}
    (note,), (signature,) = by_image[digests["amd64"]], by_image[digests["arm64"]]
    assert (note.descriptor.digest, note.bond) == (digests["note"], Bond.ATTESTATION)
    assert note.predicates == ("https://spdx.dev/Document",)
    assert (signature.descriptor.digest, signature.bond) == (digests["signature"], Bond.COSIGN)
    assert listed(access, name, platform=Platform("linux", "amd64")).referrers == (note,)
    with attached(access, name, ["https://spdx.dev/Document"]) as one:
        assert one is not None
        assert one.contents[0].descriptor.media_type == "application/vnd.in-toto+json"
    assert json.loads(attached_bill(access, name, "spdx-json", None)) == {"spdxVersion": "SPDX-2.3"}
    with pytest.raises(StoreError, match="cannot find a bill of materials in cyclonedx-json"):
        attached_bill(access, name, "cyclonedx-json", None)
    copied = f"{name.rpartition(':')[0]}copied:1"
    copy(access, name, copied, everything=True, referrers=True)
    assert [one.descriptor.digest for one in listed(access, copied).all()] == [digests["note"], digests["signature"]]


def test_files_go_to_the_index_or_to_one_image(access, index, tmp_path):
    name, digests = index
    file = file_of(tmp_path, "note.txt", "x")
    whole = attach(access, name, [file])
    one = attach(access, name, [file], platform=Platform("linux", "arm64"))
    bill = attached_bytes(access, name, "b", b"{}", SPDX, platform=Platform("linux", "amd64"), created=0)
    found = listed(access, name)
    assert [r.descriptor.digest for r in found.referrers] == [whole.digest]
    by_image = {image.descriptor.digest: {r.descriptor.digest for r in image.referrers} for image in found.images}
    assert by_image == {
        digests["amd64"]: {digests["note"], bill.digest},
        digests["arm64"]: {digests["signature"], one.digest},
    }


def test_a_list_that_lies_is_not_believed(access, debians, tmp_path):
    repository = f"{debians}/liar"
    image = pushed(access, f"{repository}:1")
    other = pushed(access, f"{repository}:2", data=b"other")
    attach(access, f"docker://{repository}:2", [file_of(tmp_path, "app.spdx.json", "{}")])
    (theirs,) = listed(access, f"docker://{repository}:2").referrers
    gone = Manifest.make(other.manifest.config, [], subject=image.manifest.descriptor, artifact_type=NOTE)
    registry = access.registry(Reference.parse(f"{repository}:1"))
    registry.put_manifest(gone.raw, MANIFEST, None)
    name = Reference.parse(f"{repository}:sha256-{image.digest.hex}")
    stated = replace(gone.descriptor, extra={"artifactType": NOTE})
    registry.put_manifest(Index.make([theirs.descriptor, stated, other.manifest.descriptor]).raw, INDEX, name)
    delete = urllib.request.Request(
        f"http://{repository.replace('/', '/v2/')}/manifests/{gone.digest}", method="DELETE"
    )
    urllib.request.urlopen(delete, timeout=10).close()
    (missing,) = listed(access, f"docker://{repository}:1").referrers
    assert (missing.descriptor.digest, missing.contents, missing.artifact_type) == (gone.digest, None, NOTE)
    with (
        pytest.raises(StoreError, match="its manifest is not there"),
        fetched(access, f"docker://{repository}:1", NOTE),
    ):
        pass
    copy(access, f"docker://{repository}:1", "copied:1", referrers=True)
    ours = attach(access, f"docker://{repository}:1", [file_of(tmp_path, "ours.txt", "ours")])
    assert [one.descriptor.digest for one in listed(access, f"docker://{repository}:1").referrers] == [ours.digest]


def test_more_than_anybody_attaches_is_refused(access, tmp_path, monkeypatch):
    image_in(access, "app:1")
    for number in range(4):
        attached_bytes(access, "app:1", "x", str(number).encode(), "text/plain", platform=None, created=number)
    monkeypatch.setattr("lissom.api.referring._MOST", 3)
    with pytest.raises(IntegrityError, match="it is more than 3 manifests"):
        listed(access, "app:1")


def test_a_damaged_one_does_not_hide_the_others(access, tmp_path):
    image_in(access, "app:1")
    made = [attached_bytes(access, "app:1", "x", data, "text/plain", platform=None, created=0) for data in (b"a", b"b")]
    access.store.path(made[0].digest).write_bytes(b"{" * made[0].size)
    assert [one.contents is None for one in listed(access, "app:1").referrers] == [True, False]


def test_titles_never_lead_elsewhere(access, place):
    titles = ["../../etc/passwd", "/etc/passwd", "..", "a\nb", "", "fine", "fine"]
    image = listed(access, place).descriptor
    with_names = []
    target = access.store
    for number, title in enumerate(titles):
        data = str(number).encode()
        blob = Descriptor("text/plain", Digest.of(data), 1, {"org.opencontainers.image.title": title})
        put_bytes(target, blob, data)
        with_names.append(blob)
    empty = Descriptor(EMPTY, Digest.of(b"{}"), 2)
    put_bytes(target, empty, b"{}")
    made = Manifest.make(empty, with_names, subject=replace(image, annotations={}, extra={}), artifact_type=NOTE)
    target.put_manifest(made.raw, MANIFEST, Reference.parse("evil:1"))
    if not place.startswith("app"):
        repository = place.rpartition(":")[0]
        copy(access, "evil:1", f"{repository}:evil")
    with fetched(access, place, NOTE) as one:
        names = [content.name for content in one.contents]
    assert names == [*(blob.digest.hex for blob in with_names[:5]), "fine", with_names[6].digest.hex]


def test_an_artifact_is_pulled_and_pushed_but_is_no_image(access, repository, tmp_path):
    pushed(access, f"{repository}:1")
    bill = attach(access, f"docker://{repository}:1", [file_of(tmp_path, "app.spdx.json", "{}")])
    assert pull(access, f"{repository}@{bill.digest}").descriptor.digest == bill.digest
    copy(access, f"docker://{repository}@{bill.digest}", "bill:1")
    with pytest.raises(UsageError) as caught:
        access.store.image(access.store.resolve("bill:1"))
    assert caught.value.message == f"cannot use `{bill.digest}` as an image: it is an artifact of type `{SPDX}`"
    assert push(access, "bill:1", f"{repository}bill:1").descriptor.digest == bill.digest
    collect(access.store)
    assert access.store.has(bill.digest)


def test_artifacts_in_archives(access, tmp_path):
    image_in(access, "app:1")
    attach(access, "app:1", [file_of(tmp_path, "a.txt", "a")])
    copy(access, "app:1", f"oci-archive:{tmp_path}/a.tar", referrers=True)
    with Store.at(tmp_path / "other") as store, Session(Network()) as session:
        assert load(store, tmp_path / "a.tar") == [
            (None, access.store.image(access.store.resolve("app:1")).config.digest)
        ]
        digest = store.entries()[0].descriptor.digest
        (note,) = listed(Access(store, session), digest).referrers
        store.name(Reference.parse("note:1"), note.descriptor)
        with pytest.raises(
            UsageError, match="a docker archive holds images, and it is an artifact of type `text/plain`"
        ):
            save(store, ["note:1"], io.BytesIO())
        out = io.BytesIO()
        save(access.store, ["app:1"], out)
        (tmp_path / "docker.tar").write_bytes(out.getvalue())
        assert [name.familiar for name, _ in load(store, tmp_path / "docker.tar") if name] == ["app:1"]
        with (tmp_path / "note.tar").open("wb") as file:
            save(store, ["note:1"], file, kind="oci")
    assert load(access.store, tmp_path / "note.tar") == [(Reference.parse("note:1"), note.descriptor.digest)]


def test_tags_of_a_repository(access, repository):
    for number in ("1.9", "1.10", "latest", "1.2"):
        pushed(access, f"{repository}:{number}", data=number.encode())
    assert sorted(tags(access, f"docker://{repository}")) == ["1.10", "1.2", "1.9", "latest"]
    assert tags(access, repository, by_version=True) == ["latest", "1.2", "1.9", "1.10"]
    with pytest.raises(UsageError, match="it names one image"):
        tags(access, f"{repository}:1.9")


def test_tags_of_nothing(access, debians):
    with pytest.raises(RegistryError, match="404"):
        tags(access, f"{debians}/nothing")


def test_a_tag_beside_another_moves_nothing(access, repository):
    image = pushed(access, f"{repository}:1")
    assert tag(access, f"docker://{repository}:1", f"docker://{repository}:latest").digest == image.digest
    assert tag(access, f"docker://{repository}@{image.digest}", f"docker://{repository}more:1").digest == image.digest
    assert sorted(tags(access, repository)) == ["1", "latest"]
    with pytest.raises(UsageError, match="they are in two registries"):
        tag(access, f"docker://{repository}:1", "docker://elsewhere.example/app:1")
    with pytest.raises(UsageError, match="a digest cannot be given to an image"):
        tag(access, f"docker://{repository}:1", f"docker://{repository}@{image.digest}")


def test_removing_where_tags_go_with_their_manifest(access, debians):
    repository = f"{debians}/removing"
    image = pushed(access, f"{repository}:1")
    pushed(access, f"{repository}:other", data=b"other")
    tag(access, f"docker://{repository}:1", f"docker://{repository}:2")
    for name in (f"{repository}:1", f"{repository}@{image.digest}"):
        with pytest.raises(RegistryError, match="this one has more") as caught:
            remove(access, f"docker://{name}")
        assert caught.value.hint == "-f removes all of them"
    done = remove(access, f"docker://{repository}:1", force=True)
    assert (done.digest, {name.tag for name in done.references}) == (image.digest, {"1", "2"})
    assert tags(access, repository) == ["other"]
    with pytest.raises(RegistryError, match="there is no such tag"):
        remove(access, f"docker://{repository}:1")
    assert remove(access, f"docker://{repository}:1", force=True).references == ()
    assert [str(name.tag) for name in remove(access, f"docker://{repository}:other").references] == ["other"]


def test_a_removed_referrer_is_listed_no_more(access, debians, tmp_path):
    repository = f"{debians}/unlisting"
    pushed(access, f"{repository}:1")
    bill, _ = (
        attach(access, f"docker://{repository}:1", [file_of(tmp_path, name, "{}")]) for name in ("a.json", "b.json")
    )
    remove(access, f"docker://{repository}@{bill.digest}")
    assert [one.descriptor.digest for one in listed(access, f"docker://{repository}:1").referrers] == [_.digest]


def test_a_registry_that_lets_nobody_delete(access, tmp_path):
    if shutil.which("docker-registry") is None:
        pytest.skip("docker-registry is not installed")
    child, host = start(tmp_path)
    try:
        pushed(access, f"{host}/app:1")
        with pytest.raises(RegistryError) as caught:
            remove(access, f"docker://{host}/app:1")
        assert "does not let anybody delete" in caught.value.message
        assert "storage: {delete: {enabled: true}}" in str(caught.value.hint)
        assert tags(access, f"{host}/app") == ["1"]
    finally:
        child.terminate()
        child.wait()


_ATTACH = """
import sys
import urllib.request
from pathlib import Path
from lissom.api.access import Access
from lissom.api.attach import attached_bytes
from lissom.registry.wire.network import Network
from lissom.registry.session import Session
from lissom.store.store import Store
root, name, mine = sys.argv[1:]
with Store.at(Path(root)) as store, Session(Network()) as session:
    for number in range(4):
        given = {"media_type": "text/plain", "platform": None, "created": 0}
        attached_bytes(Access(store, session), name, "x", f"{mine} {number}".encode(), **given)
"""


def test_processes_that_attach_at_once_keep_each_others(access, debians, tmp_path):
    name = f"docker://{debians}/crowd:1"
    pushed(access, f"{debians}/crowd:1")
    running = [
        subprocess.Popen([sys.executable, "-c", _ATTACH, str(tmp_path / f"store{who}"), name, str(who)])
        for who in range(3)
    ]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert len(listed(access, name).referrers) == 12


@pytest.mark.foreign
@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_skopeo_sees_the_same_bytes(access, debians, tmp_path):
    name = f"docker://{debians}/witness:1"
    pushed(access, f"{debians}/witness:1")
    bill = attach(access, name, [file_of(tmp_path, "app.spdx.json", "{}")])
    copy(access, name, f"docker://{debians}/copied:1", referrers=True)
    copy(access, name, f"oci:{tmp_path}/layout:1", referrers=True)
    for digest in (listed(access, name).descriptor.digest, bill.digest):
        raw = [raw_of(f"docker://{debians}/{repository}@{digest}") for repository in ("witness", "copied")]
        assert raw[0] == raw[1] == (tmp_path / "layout" / "blobs" / "sha256" / digest.hex).read_bytes()
    subprocess.run(
        ["skopeo", "copy", "-q", f"oci:{tmp_path}/layout:1", f"oci:{tmp_path}/again:1"], check=True, timeout=60
    )


def raw_of(name: str) -> bytes:
    command = ["skopeo", "inspect", "--raw", "--tls-verify=false", name]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def test_attaching_where_it_cannot_be(access, tmp_path):
    image_in(access, "app:1")
    copy(access, "app:1", f"oci-archive:{tmp_path}/a.tar")
    file = file_of(tmp_path, "a.txt", "a")
    with pytest.raises(UsageError, match="an archive is written once"):
        attach(access, f"oci-archive:{tmp_path}/a.tar", [file])
    with pytest.raises(UsageError, match="it is no media type"):
        attach(access, "app:1", [file], artifact_type="report")
    with pytest.raises(UsageError, match="files of an artifact are told apart by their names"):
        attach(access, "app:1", [file, file])
    with pytest.raises(UsageError, match="No such file"):
        attach(access, "app:1", [File(tmp_path / "missing", "text/plain")])
    assert listed(access, "app:1").referrers == ()


def test_a_registry_that_fails_is_told(access, listing, tmp_path):
    pushed(access, f"{listing}/app:1")
    with pytest.raises(LissomError):
        attach(access, f"docker://{listing}/app:2", [file_of(tmp_path, "a.txt", "a")])
    assert listed(access, f"docker://{listing}/app:1").referrers == ()
