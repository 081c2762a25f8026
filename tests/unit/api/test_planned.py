"""What listeners hear of a transfer is enough to tell how much is left, and what of it was speed."""

import pytest

from lissom.api.access import Access
from lissom.api.moves import copy, pull, push
from lissom.cli.totals import Totals
from lissom.events import BlobMoved, Planned, Spared
from lissom.oci.reference import Reference
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from lissom.store.store import Store

FILES = {"a": b"a" * 3000, "b": b"b" * 500}


@pytest.fixture
def elsewhere(tmp_path, heard):
    """Another store, with nothing in it."""
    with Store.at(tmp_path / "elsewhere") as other, Session(Network(pauses=Pauses(lambda _: None))) as session:
        yield Access(other, session, listener=heard.append)


def sum_of(heard):
    totals = Totals()
    for event in heard:
        totals.take(event)
    return totals


def named(server, text):
    return f"{server.host}/{text}"


def test_a_pull_is_planned_and_all_of_it_comes(server, access, elsewhere, heard, image_of):
    image = image_of(FILES, {"c": b"c" * 100}, name=named(server, "app:1"))
    push(access, named(server, "app:1"))
    heard.clear()
    pull(elsewhere, named(server, "app:1"))
    size = sum(layer.descriptor.size for layer in image.layers)
    assert [event for event in heard if isinstance(event, Planned)] == [Planned("pull", 2, size)]
    totals = sum_of(heard)
    assert (totals.done, totals.moved, totals.whole) == (size, size, 2)


def test_what_is_there_is_not_planned(server, access, elsewhere, heard, image_of):
    image_of(FILES, name=named(server, "app:1"))
    image = image_of(FILES, {"c": b"c" * 100}, name=named(server, "app:2"))
    push(access, named(server, "app:1"))
    push(access, named(server, "app:2"))
    pull(elsewhere, named(server, "app:1"))
    heard.clear()
    pull(elsewhere, named(server, "app:2"))
    assert [e for e in heard if isinstance(e, Planned)] == [Planned("pull", 1, image.layers[1].descriptor.size)]


def test_what_a_registry_has_is_spared(server, access, heard, image_of):
    image_of(FILES, name=named(server, "app:1"))
    image = image_of(FILES, {"c": b"c" * 100}, name=named(server, "app:2"))
    push(access, named(server, "app:1"))
    heard.clear()
    push(access, named(server, "app:2"))
    below, above = (layer.descriptor for layer in image.layers)
    assert Planned("push", 2, below.size + above.size) in heard
    assert Spared("push", below.digest.short, below.size) in heard
    totals = sum_of(heard)
    assert (totals.done, totals.moved) == (below.size + above.size, above.size)


def test_what_is_mounted_is_no_speed(server, access, heard, image_of):
    image = image_of(FILES, name=named(server, "app:1"))
    push(access, named(server, "app:1"))
    heard.clear()
    copy(access, f"docker://{named(server, 'app:1')}", f"docker://{named(server, 'other:1')}")
    layer = image.layers[0].descriptor
    assert Spared("push", layer.digest.short, layer.size) in heard
    assert sum_of(heard).moved == 0


def test_what_came_before_is_said(server, access, elsewhere, heard, image_of):
    image = image_of(FILES, name=named(server, "app:1"))
    push(access, named(server, "app:1"))
    layer = image.layers[0].descriptor
    beginning = access.store.path(layer.digest).read_bytes()[:50]
    elsewhere.store.ingest.path(layer.digest).write_bytes(beginning)
    heard.clear()
    pull(elsewhere, named(server, "app:1"))
    assert [e for e in heard if isinstance(e, BlobMoved) and e.name == layer.digest.short][-1].before == 50
    totals = sum_of(heard)
    assert (totals.done, totals.moved) == (layer.size, layer.size - 50)
    assert elsewhere.store.get_manifest(Reference.parse(named(server, "app:1"))).digest == image.digest
