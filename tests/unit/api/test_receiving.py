"""Blobs from a registry with mirrors into a store: wrong bytes come from nowhere twice, right ones only once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from lissom.api.receiving import Journey, receive
from lissom.errors import IntegrityError, RegistryError
from lissom.events import Decision, Served
from lissom.events import Event as Told
from lissom.image.image import read_blob
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.endpoint import Endpoint, Route
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from lissom.store import partial
from lissom.store.store import Store
from registry_server import RegistryServer, cut
from suites.images import blob_of

DATA = os.urandom(300_000)
BLOB = blob_of(DATA)
Fetch = Callable[[], bool]


@pytest.fixture
def servers() -> Iterator[list[RegistryServer]]:
    made = [RegistryServer() for _ in range(3)]
    for server in made:
        server.hold("app", DATA)
    yield made
    for server in made:
        server.stop()


@pytest.fixture
def heard() -> list[Told]:
    return []


@pytest.fixture
def fetch(servers: list[RegistryServer], store: Store, heard: list[Told]) -> Iterator[Fetch]:
    """Fetch the blob from ``servers``, the last one of which is the registry."""
    places = [Endpoint(s.host, s.host, "app", mirror=s is not servers[-1]) for s in servers]
    route = Route(tuple(places), places[-1])
    with Session(Network(pauses=Pauses(lambda _: None), attempts=2), routes=lambda _: route) as session:
        registry = Registry(Reference.parse(f"{servers[-1].host}/app:1"), session, listener=heard.append)
        yield lambda: receive(BLOB, registry, store, Journey(Event(), None, heard.append))


def asked(server: RegistryServer) -> list[str]:
    """The ranges of the blob that it was asked for."""
    return [seen.headers.get("Range", "all") for seen in server.asked("GET", BLOB.digest)]


def other(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def test_who_lies_is_asked_once_and_the_next_one_gives_it(
    servers: list[RegistryServer], fetch: Fetch, store: Store, heard: list[Told]
) -> None:
    servers[0].state.blobs[BLOB.digest] = other(DATA)
    assert fetch()
    assert read_blob(store, BLOB) == DATA
    assert [asked(server) for server in servers] == [["all"], ["all"], []]
    assert Decision(BLOB.digest.short, "the bytes were wrong: fetching it again", telling=True) in heard
    assert [(event.host, event.mirror) for event in heard if isinstance(event, Served)] == [
        (servers[0].host, True),
        (servers[1].host, True),
    ]


def test_when_all_lie_that_is_an_error(servers: list[RegistryServer], fetch: Fetch, store: Store) -> None:
    for server in servers:
        server.state.blobs[BLOB.digest] = other(DATA)
    with pytest.raises(IntegrityError) as caught:
        fetch()
    assert caught.value.message.startswith(f"cannot pull `{BLOB.digest}` from `http://127.0.0.1:")
    assert caught.value.message.endswith(f"its digest is {blob_of(other(DATA)).digest}")
    assert [len(asked(server)) for server in servers] == [1, 1, 1]
    assert os.listdir(store.ingest.folder) == []


def test_what_came_before_a_failure_is_not_asked_for_again(
    servers: list[RegistryServer], fetch: Fetch, store: Store, heard: list[Told]
) -> None:
    for server in servers:
        server.fail("GET", BLOB.digest, cut(60_000), times=1)
        server.fail("GET", BLOB.digest, cut(0), times=20)
    with pytest.raises(RegistryError):
        fetch()
    kept = store.ingest.path(BLOB.digest).stat().st_size
    assert 0 < kept < BLOB.size
    for server in servers:
        server.state.rules.clear()
        server.state.seen.clear()
    assert fetch()
    assert read_blob(store, BLOB) == DATA
    assert sorted(text for server in servers for text in asked(server)) == [f"bytes={kept}-"]
    assert Decision(BLOB.digest.short, f"{kept} bytes of it came before: going on behind them") in heard


def test_a_wrong_beginning_is_nobodys_fault(
    servers: list[RegistryServer], fetch: Fetch, store: Store, heard: list[Told]
) -> None:
    store.ingest.path(BLOB.digest).write_bytes(b"?" * 1000)
    assert fetch()
    assert read_blob(store, BLOB) == DATA
    assert [asked(server) for server in servers] == [["bytes=1000-", "all"], [], []]


def test_a_blob_that_is_here_is_not_asked_for(servers: list[RegistryServer], fetch: Fetch, store: Store) -> None:
    assert fetch()
    assert not fetch()
    assert sum(len(asked(server)) for server in servers) == 1


def test_a_full_disk_keeps_what_there_was_room_for(
    servers: list[RegistryServer], fetch: Fetch, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room, whole = [100_000], os.pwrite

    def pwrite(file: int, data: memoryview, offset: int) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        count = whole(file, data[: room[0]], offset)
        room[0] -= count
        return count

    monkeypatch.setattr(partial.os, "pwrite", pwrite)
    with pytest.raises(Exception, match="No space left on device") as caught:
        fetch()
    assert "lissom gc" in str(getattr(caught.value, "hint", ""))
    assert store.ingest.path(BLOB.digest).read_bytes() == DATA[:100_000]
    room[0] = 10**9
    assert fetch()
    assert read_blob(store, BLOB) == DATA
    assert "bytes=100000-" in asked(servers[0])
