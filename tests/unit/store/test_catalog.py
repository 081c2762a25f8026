"""What a store remembers of its manifests: right, made again when it is gone, never believed over the blobs."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lissom.api.images import images
from lissom.image.image import Image
from lissom.oci.reference import Reference
from lissom.store.catalog import Facts
from lissom.store.gc import collect
from lissom.store.journal import Journal
from lissom.store.store import Store


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The digests of blobs that are read from now on."""
    seen: list[str] = []
    whole = Store.open
    monkeypatch.setattr(Store, "open", lambda self, blob: seen.append(blob.digest) or whole(self, blob))
    return seen


def test_a_second_list_reads_no_blob(store: Store, image_of, opened: list[str]) -> None:
    made = [image_of({"a": bytes([number]) * 100}, name=f"app:{number}") for number in range(5)]
    for number in range(50):
        store.name(Reference.parse(f"other:{number}"), made[0].manifest.descriptor)
    opened.clear()
    first = images(store)
    assert {image.digest for image in made} <= set(opened)
    opened.clear()
    with Store.at(store.root) as other:
        assert images(other) == first
        assert [image.tag for image in images(other, pattern="app")] == ["0", "1", "2", "3", "4"]
        assert other.resolve(made[2].config.digest.short).digest == made[2].digest
    assert opened == []
    image_of({"a": b"new"}, name="app:new")
    opened.clear()
    assert len(images(store)) == 56
    assert len(set(opened)) == 3, "manifest, config and layer of the new one"


def test_an_image_that_is_gone_is_not_listed_as_if_it_were_there(store: Store, image_of) -> None:
    image = image_of({"a": b"1"}, name="app:1")
    assert images(store)[0].platform == "linux/amd64"
    store.path(image.digest).unlink()
    assert images(store)[0].platform == "damaged"


@pytest.mark.parametrize(
    "damage",
    [lambda raw: b"", lambda raw: raw[: len(raw) // 2], lambda raw: raw.replace(b"amd64", b"amd46"),
     lambda raw: b"\0\xff" * 1000, lambda raw: raw + b"deadbeef {}\n12 "],
    ids=["gone", "cut", "changed", "noise", "more"],
)  # fmt: skip
def test_a_damaged_catalog_is_made_again(store: Store, image_of, damage) -> None:
    for number in range(3):
        image_of({"a": bytes([number])}, name=f"app:{number}")
    before = images(store)
    path = store.private / "catalog"
    path.write_bytes(damage(path.read_bytes()))
    with Store.at(store.root) as other:
        assert images(other) == before
    with Store.at(store.root) as other:
        assert images(other) == before


def test_a_catalog_that_cannot_be_written_is_no_obstacle(store: Store, image_of) -> None:
    image_of({"a": b"1"}, name="app:1")
    (store.private / "catalog").mkdir()
    assert [image.tag for image in images(store)] == ["1"]
    collect(store)


def test_layers_are_found_by_digest_and_diff_id(store: Store, image_of) -> None:
    image: Image = image_of({"a": b"1"}, {"b": b"2"}, name="app:1")
    said = store.catalog.layers(store.entries(), store)
    assert said.keys() == {image.digest}
    assert all(layer.diff_id in said[image.digest] for layer in image.layers)
    assert all(layer.descriptor.digest in said[image.digest] for layer in image.layers)


def test_garbage_collection_forgets_what_is_gone(store: Store, image_of) -> None:
    kept, gone = image_of({"a": b"1"}, name="app:1"), image_of({"a": b"2"}, name="app:2")
    images(store)
    store.remove(Reference.parse("app:2"))
    collect(store)
    raw = (store.private / "catalog").read_bytes() + (store.private / "catalog-layers").read_bytes()
    assert kept.digest.encode() in raw
    assert gone.digest.encode() not in raw


def test_many_look_at_once(store: Store, image_of) -> None:
    made = [image_of({"a": bytes([number])}, name=f"app:{number}") for number in range(10)]

    def look(_: int) -> int:
        with Store.at(store.root) as other:
            return len(images(other))

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(look, range(12))) == {10}
    journal = Journal(store.private / "catalog", store.private / "locks" / "catalog", store.temporary)
    assert journal.read().keys() == {image.digest for image in made}


def test_a_line_that_was_cut_short_does_not_spoil_the_next(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", tmp_path / "lock", tmp_path)
    journal.append({"a": 1})
    with (tmp_path / "journal").open("ab") as file:
        file.write(b'0123abcd {"b":')
    journal.append({"c": [2]})
    assert journal.read() == {"a": 1, "c": [2]}
    journal.keep({"c"})
    assert journal.read() == {"c": [2]}
    assert os.listdir(tmp_path).count("journal") == 1


def test_facts_replace_older_ones(store: Store) -> None:
    old, new = Facts("sha256:c", "", "linux/amd64", None), Facts("sha256:c", "", "linux/amd64", 7)
    store.catalog.add({"sha256:m": old})
    store.catalog.add({"sha256:m": new})
    journal = Journal(store.private / "catalog", store.private / "locks" / "catalog", store.temporary)
    assert journal.read() == {"sha256:m": ["sha256:c", "", "linux/amd64", 7]}
