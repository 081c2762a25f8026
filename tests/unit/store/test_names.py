"""The index of a store: lazily understood, written whole, the same for every process."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lissom.errors import IntegrityError
from lissom.oci.document import MANIFEST, Descriptor
from lissom.oci.reference import Reference
from lissom.store import names
from lissom.store.names import CONTAINERD_NAME, REF_NAME
from lissom.store.store import Store
from suites.images import blob_of

APP = Reference.parse("app:1")


def described(number: int) -> Descriptor:
    return Descriptor(MANIFEST, blob_of(str(number).encode()).digest, 1)


def write(store: Store, entries: Any) -> None:
    (store.root / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": entries}))


def entry(number: int, **annotations: str) -> dict[str, Any]:
    return {**described(number).to_json(), "annotations": annotations}


def test_ten_thousand_names_are_not_parsed_to_find_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"docker.io/library/other:{number}" for number in range(10_000)]
    write(store, [entry(1, **{REF_NAME: text, CONTAINERD_NAME: text}) for text in texts])
    parsed: list[str] = []
    whole = Reference.parse
    monkeypatch.setattr(Reference, "parse", lambda text: parsed.append(text) or whole(text))
    assert store.names.find(whole("other:77"))
    assert store.names.find(APP) is None
    store.name(APP, described(2))
    store.remove(APP)
    assert parsed == []


def test_the_file_is_read_once_and_again_when_it_changed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    whole = names._parsed
    monkeypatch.setattr(names, "_parsed", lambda raw, path: read.append(path) or whole(raw, path))
    with Store.at(store.root) as other:
        for _ in range(3):
            assert store.names.find(APP) is None
        assert len(read) == 1
        other.name(APP, described(1))
        found = store.names.find(APP)
        assert found is not None
        assert found.descriptor == described(1)


@pytest.mark.parametrize("text", ["app:1", "docker.io/library/app:1", "index.docker.io/library/app:1", "library/app:1"])
def test_names_of_other_tools_are_found_and_replaced(store: Store, text: str) -> None:
    write(store, [entry(1, **{REF_NAME: text}), entry(2, **{REF_NAME: "not a name!"})])
    found = store.names.find(APP)
    assert found is not None
    assert found.descriptor == described(1)
    store.name(APP, described(3))
    assert [(str(r), d.digest) for r, d in store.references()] == [("docker.io/library/app:1", described(3).digest)]
    assert described(1).digest in {e.digest for e in store.entries() if e.text is None}


def test_containerds_name_beats_its_tag(store: Store) -> None:
    write(store, [entry(1, **{REF_NAME: "1", CONTAINERD_NAME: "docker.io/library/app:1"})])
    assert store.names.find(APP)


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"manifests": 3}', b'{"manifests": [3]}', b'{"mediaType": "x/y", "manifests": []}'],
    ids=["empty", "cut", "list", "number", "entry", "type"],
)
def test_a_damaged_index_is_told(store: Store, damage: bytes) -> None:
    (store.root / "index.json").write_bytes(damage)
    with pytest.raises(IntegrityError, match=r"index\.json"):
        store.entries()
    with pytest.raises(IntegrityError, match=r"index\.json"):
        store.name(APP, described(1))
    assert (store.root / "index.json").read_bytes() == damage


def test_unknown_fields_of_entries_are_kept(store: Store) -> None:
    write(store, [{**entry(1, **{REF_NAME: "other:1", "x": "y"}), "artifactType": "a/b", "new": {"field": 1}}])
    store.name(APP, described(2))
    (kept,) = (e for e in json.loads((store.root / "index.json").read_text())["manifests"] if "new" in e)
    assert (kept["new"], kept["annotations"]["x"], kept["artifactType"]) == ({"field": 1}, "y", "a/b")


def test_what_changes_nothing_writes_nothing(store: Store) -> None:
    store.name(APP, described(1))
    before = os.stat(store.root / "index.json")
    store.name(APP, described(1))
    store.keep(described(1))
    assert not store.remove(Reference.parse("other"))
    assert os.path.samestat(before, os.stat(store.root / "index.json"))


def test_many_write_at_once(store: Store) -> None:
    def name(number: int) -> None:
        with Store.at(store.root) as other:
            other.name(APP.with_tag(f"v{number}"), described(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(name, range(40)))
    assert {reference.tag for reference, _ in store.references()} == {f"v{number}" for number in range(40)}
