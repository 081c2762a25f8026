"""What a store's images tell transfers, out of its catalog and never against its blobs."""

from __future__ import annotations

import pytest

from lissom.api.holdings import Holdings
from lissom.image.image import Image
from lissom.oci.reference import Reference
from lissom.store.store import Store
from suites.images import blob_of


class Sink:
    """What is told of repositories."""

    def __init__(self) -> None:
        self.told: set[tuple[str, str]] = set()

    def known_in(self, digest: str, repository: str) -> None:
        self.told.add((digest, repository))


def test_a_layer_is_found_by_its_content(store: Store, image_of) -> None:
    image: Image = image_of({"a": b"1"}, {"b": b"2"}, name="app:1")
    for layer in image.layers:
        assert Holdings(store).layer(layer.diff_id) == layer.descriptor
    assert Holdings(store).layer(blob_of(b"nowhere").digest) is None


def test_a_layer_whose_blob_is_gone_or_cut_is_not_there(store: Store, image_of) -> None:
    image: Image = image_of({"a": b"1"}, name="app:1")
    path = store.path(image.layers[0].descriptor.digest)
    path.chmod(0o644)
    path.write_bytes(b"")
    assert Holdings(store).layer(image.layers[0].diff_id) is None
    path.unlink()
    assert Holdings(store).layer(image.layers[0].diff_id) is None


def test_a_catalog_that_is_wrong_is_not_believed(store: Store, image_of) -> None:
    image: Image = image_of({"a": b"1"}, name="app:1")
    wanted = blob_of(b"another content").digest
    store.catalog.facts(store.entries(), store)
    store.catalog._layers_file.append({image.digest: f"{image.layers[0].descriptor.digest} {wanted}"})
    assert Holdings(store).layer(wanted) is None


def test_many_names_of_one_image_are_looked_at_once(store: Store, image_of, monkeypatch: pytest.MonkeyPatch) -> None:
    image: Image = image_of({"a": b"1"}, name="app:0")
    for number in range(1, 50):
        store.name(Reference.parse(f"app:{number}"), image.manifest.descriptor)
    read: list[str] = []
    whole = Store.open
    monkeypatch.setattr(Store, "open", lambda self, blob: read.append(blob.digest) or whole(self, blob))
    assert Holdings(store).layer(blob_of(b"nowhere").digest) is None
    assert set(read) == {image.digest, image.config.digest}
    read.clear()
    assert Holdings(store).layer(blob_of(b"nowhere").digest) is None
    assert read == []


def test_repositories_of_the_same_registry_are_told_with_what_they_have(store: Store, image_of) -> None:
    image: Image = image_of({"a": b"1"}, {"b": b"2"}, name="reg.example/team/app:1")
    other: Image = image_of({"a": b"1"}, {"b": b"3"}, name="reg.example/team/other:1")
    image_of({"a": b"1"}, name="elsewhere.example/app:1")
    sink = Sink()
    reference = Reference.parse("reg.example/team/new:1")
    Holdings(store).tell(sink, reference, [layer.descriptor for layer in image.layers])  # type: ignore[arg-type]
    shared, own = (layer.descriptor.digest for layer in image.layers)
    assert sink.told == {(shared, "team/app"), (own, "team/app"), (shared, "team/other")}
    assert other.layers[1].descriptor.digest not in {digest for digest, _ in sink.told}
    same = Sink()
    Holdings(store).tell(same, reference.with_tag("2"), [])  # type: ignore[arg-type]
    assert same.told == set()
