"""Blobs that come from several places, in several pieces, whatever breaks on the way."""

import random
import threading

import pytest

from lissom.errors import IntegrityError, RegistryError
from lissom.events import BlobMoved, Served
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.endpoint import Endpoint, Route
from lissom.registry.reading import body, download, ranges
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from registry_server import RegistryServer, cut, hang_up, silence, slow, status

SMALL = random.Random(1).randbytes(3 << 20)
LARGE = random.Random(2).randbytes(2_500_000)


def described(data):
    return Descriptor(LAYER_GZIP, Digest.of(data), len(data))


@pytest.fixture
def places(server, other):
    """Three servers, the registry first."""
    third = RegistryServer()
    yield [server, other, third]
    third.stop()


@pytest.fixture
def reading(server, slept):
    """A registry read through mirrors (servers, first one first), and what it told."""
    sessions = []

    def reading(*mirrors, **more):
        places = [Endpoint(s.host, s.host, "app", scheme="http", mirror=s is not server) for s in (*mirrors, server)]
        more = {"connect_deadline": 5, "stall_deadline": 5, "attempts": 3, **more}
        network = Network(pauses=Pauses(slept.append), **more)
        sessions.append(Session(network, routes=lambda _: Route(tuple(places), places[-1])))
        told = []
        return Registry(Reference.parse(f"{server.host}/app:1"), sessions[-1], listener=told.append), told

    yield reading
    for session in sessions:
        session.close()


@pytest.fixture
def in_chunks(monkeypatch):
    """Blobs of 200 kB and more come in chunks of 100 kB over several connections."""
    for module, name, value in (
        (download, "_LARGE", 200_000),
        (download, "_FAST", 1e15),
        (download, "CHUNK", 100_000),
        (ranges, "CHUNK", 100_000),
    ):
        monkeypatch.setattr(module, name, value)


def given(*servers):
    return sum(server.state.sent for server in servers)


@pytest.mark.parametrize("start", [0, 1, 1_000_000, len(SMALL) - 1])
def test_from_a_start(server, reading, start):
    server.hold("app", SMALL)
    registry, _ = reading()
    assert registry.fetch(described(SMALL), start=start).read() == SMALL[start:]
    assert given(server) == len(SMALL) - start


def test_nothing_is_asked_when_all_is_there(server, reading):
    registry, _ = reading()
    assert registry.fetch(described(SMALL), start=len(SMALL)).read() == b""
    assert not server.state.seen


def test_a_mirror_that_dies_in_the_middle(server, other, reading):
    for place in (server, other):
        place.hold("app", SMALL)
    other.fail("GET", "/blobs/", cut(1 << 20))
    registry, told = reading(other)
    with registry.fetch(described(SMALL)) as stream:
        assert stream.read() == SMALL
    assert given(server) == len(SMALL) - (1 << 20)
    assert not other.state.rules
    served = [(e.host, e.size, e.mirror) for e in told if isinstance(e, Served)]
    assert served == [(other.host, 1 << 20, True), (server.host, len(SMALL) - (1 << 20), False)]


@pytest.mark.parametrize("fault", ["silence", "trickle", "503", "hang-up", "range", "length", "416"])
def test_a_mirror_that_fails_in_the_middle(server, other, reading, slept, fault):
    for place in (server, other):
        place.hold("app", SMALL)
    other.fail("GET", "/blobs/", cut(1000))
    server.fail("GET", "/blobs/", cut(1000))
    faults = {
        "silence": silence(0.8),
        "trickle": slow(0.05, 10),
        "503": status(503),
        "hang-up": hang_up(),
        "range": status(206, b"x", Content_Range=f"bytes 5-5/{len(SMALL)}"),
        "length": status(206, b"x", Content_Range=f"bytes 2000-{len(SMALL) - 1}/{len(SMALL)}"),
        "416": status(416),
    }
    other.fail("GET", "/blobs/", faults[fault])
    registry, _ = reading(other, stall_deadline=0.5)
    assert registry.fetch(described(SMALL)).read() == SMALL


def test_a_mirror_without_ranges_is_passed_over_after_a_cut(server, other, reading):
    for place in (server, other):
        place.hold("app", SMALL)
    other.state.ranges = False
    other.fail("GET", "/blobs/", cut(1000))
    server.fail("GET", "/blobs/", cut(1000))
    registry, told = reading(other)
    with registry.fetch(described(SMALL)) as stream:
        assert stream.read() == SMALL
    assert [e.size for e in told if isinstance(e, Served)] == [1000, len(SMALL) - 1000]


def test_a_server_that_cannot_give_parts_gives_all(server, reading):
    server.hold("app", SMALL)
    server.fail("GET", "/blobs/", cut(1000))
    server.fail("GET", "/blobs/", status(416))
    server.state.ranges = False
    registry, _ = reading()
    assert registry.fetch(described(SMALL)).read() == SMALL


def test_a_slow_mirror_loses_the_blob(server, other, reading, monkeypatch):
    monkeypatch.setattr(body, "_PACE_SECONDS", 0.2)
    for place in (server, other):
        place.hold("app", SMALL)
    other.fail("GET", "/blobs/", slow(0.1, 2000))
    registry, told = reading(other)
    with registry.fetch(described(SMALL)) as stream:
        assert stream.read() == SMALL
    assert [e.host for e in told if isinstance(e, Served)] == [other.host, server.host]
    assert given(server) > len(SMALL) - 100_000


def test_a_slow_registry_keeps_the_blob_when_nobody_else_is_there(server, reading, monkeypatch):
    monkeypatch.setattr(body, "_PACE_SECONDS", 0.1)
    data = SMALL[:20_000]
    server.hold("app", data)
    server.fail("GET", "/blobs/", slow(0.05, 2000))
    registry, _ = reading()
    assert registry.fetch(described(data)).read() == data
    assert len(server.state.seen) == 1


def test_wrong_bytes_of_a_mirror_are_fetched_elsewhere(server, other, reading):
    server.hold("app", SMALL)
    other.hold("app", SMALL)
    other.state.blobs[Digest.of(SMALL)] = SMALL[:-1] + bytes([SMALL[-1] ^ 1])
    registry, _ = reading(other)
    with pytest.raises(IntegrityError, match=f"cannot pull .* from `{other.url}/v2/app/blobs/.*`: its digest is"):
        registry.open(described(SMALL)).read()
    assert registry.open(described(SMALL)).read() == SMALL


def test_distrust_says_whether_somebody_is_left(server, other, reading):
    for place in (server, other):
        place.hold("app", SMALL)
    registry, _ = reading(other)
    for left in (True, False, False):
        with registry.fetch(described(SMALL)) as stream:
            stream.read()
            assert stream.distrust() is left


def test_of_two_that_gave_a_share_each_may_give_all(server, other, reading):
    for place in (server, other):
        place.hold("app", SMALL)
    other.fail("GET", "/blobs/", cut(1000))
    registry, _ = reading(other)
    for left in (True, True, False, False):
        with registry.fetch(described(SMALL)) as stream:
            stream.read()
            assert stream.distrust() is left


def test_a_blob_of_another_size_is_looked_for_elsewhere(server, other, reading):
    server.hold("app", SMALL)
    other.hold("app", SMALL)
    other.state.blobs[Digest.of(SMALL)] = SMALL[:-1]
    registry, _ = reading(other)
    assert registry.open(described(SMALL)).read() == SMALL


def test_chunks_come_in_order_over_several_connections(server, reading, in_chunks):
    server.hold("app", LARGE)
    registry, told = reading()
    assert registry.open(described(LARGE)).read() == LARGE
    asked = [seen.headers["Range"] for seen in server.asked("GET", "/blobs/")]
    assert sorted(asked) == sorted(
        f"bytes={at}-{at + 99_999}" if at < 2_400_000 else f"bytes={at}-" for at in range(0, len(LARGE), 100_000)
    )
    assert given(server) == len(LARGE)
    moved = [e.done for e in told if isinstance(e, BlobMoved)]
    assert moved[-1] == len(LARGE)


def test_one_connection_is_enough_where_it_is_fast(server, reading, in_chunks, monkeypatch):
    monkeypatch.setattr(download, "_FAST", 0.0)
    server.hold("app", LARGE)
    registry, _ = reading()
    assert registry.open(described(LARGE)).read() == LARGE
    assert len(server.asked("GET", "/blobs/")) == 2


def test_no_connection_is_free(server, reading, in_chunks):
    server.hold("app", LARGE)
    registry, _ = reading(connections=1)
    assert registry.open(described(LARGE)).read() == LARGE
    assert given(server) == len(LARGE)


def test_a_large_blob_of_a_server_without_ranges_comes_in_one_piece(server, reading, in_chunks):
    server.hold("app", LARGE)
    server.state.ranges = False
    registry, _ = reading()
    assert registry.open(described(LARGE)).read() == LARGE
    assert len(server.asked("GET", "/blobs/")) == 1


def test_a_server_that_forgets_its_ranges(server, reading, in_chunks):
    server.hold("app", LARGE)

    def forget(handler):
        handler.server.state.ranges = False
        handler.answer(200, LARGE)

    server.fail("GET", "/blobs/.*", status(503))
    registry, _ = reading()
    stream = registry.open(described(LARGE))
    assert stream.read(1000) == LARGE[:1000]
    server.fail("GET", "/blobs/", forget)
    assert stream.read() == LARGE[1000:]


def test_a_chunk_that_nobody_gives_is_told_in_its_turn(server, reading, in_chunks):
    server.hold("app", LARGE)
    registry, _ = reading()
    stream = registry.fetch(described(LARGE))
    got = stream.read(100_000)
    server.fail("GET", "/blobs/", status(404), times=99)
    with pytest.raises(RegistryError, match="404 Not Found"):
        stream.read()
    stream.close()
    assert LARGE.startswith(got)


def test_a_reader_that_leaves_early(server, reading, in_chunks):
    server.hold("app", LARGE)
    registry, _ = reading()
    with registry.fetch(described(LARGE)) as stream:
        stream.read(150_000)
    with registry.fetch(described(LARGE)) as stream:
        assert stream.read() == LARGE


def test_threads_share_a_registry_and_its_connections(server, other, reading, in_chunks):
    blobs = [LARGE[n:] for n in range(6)]
    for place in (server, other):
        for blob in blobs:
            place.hold("app", blob)
    other.fail("GET", "/blobs/", cut(50_000), times=3)
    registry, _ = reading(other)
    got = {}
    threads = [
        threading.Thread(target=lambda n=n: got.update({n: registry.open(described(blobs[n])).read()}))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == dict(enumerate(blobs))


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.usefixtures("in_chunks")
def test_whatever_breaks_the_bytes_are_right_and_asked_for_once(places, reading, monkeypatch, seed):
    chance = random.Random(seed)
    monkeypatch.setattr(download, "_FAST", chance.choice([0.0, 1e15]))
    data = chance.randbytes(chance.choice([1, 150_000, 400_000, 1_234_567]))
    for place in places:
        place.hold("app", data)
    for _ in range(chance.randrange(8)):
        kinds = [cut(chance.randrange(120_000)), status(503), hang_up(), status(429, Retry_After="3")]
        chance.choice(places).fail("GET", "/blobs/", chance.choice(kinds))
    registry, told = reading(*places[1:], connections=chance.choice([1, 2, 6]))
    start = chance.choice([0, chance.randrange(len(data))])
    with registry.fetch(described(data), start=start) as stream:
        pieces = iter(lambda: stream.read(chance.randrange(1, 300_000)), b"")
        assert b"".join(pieces) == data[start:]
    assert given(*places) == len(data) - start
    assert sum(e.size for e in told if isinstance(e, Served)) == len(data) - start


def test_a_mirror_far_slower_than_another_known_one_is_left(server, other, reading, monkeypatch):
    monkeypatch.setattr(body, "_PACE_SECONDS", 0.1)
    for place in (server, other):
        place.hold("app", SMALL)
    other.fail("GET", "/blobs/", slow(0.05, 50_000))
    registry, told = reading(other)
    registry._sources.session.health.measured(server.host, 50e6)
    with registry.fetch(described(SMALL)) as stream:
        assert stream.read() == SMALL
    assert [e.host for e in told if isinstance(e, Served)] == [other.host, server.host]


def test_who_gave_a_blob_took_its_time(server, reading):
    server.hold("app", SMALL[:1000])
    server.fail("GET", "/blobs/", slow(0.1, 1000))
    registry, told = reading()
    with registry.fetch(described(SMALL[:1000])) as stream:
        stream.read()
    [served] = [e for e in told if isinstance(e, Served)]
    assert served.size == 1000
    assert served.seconds >= 0.1


@pytest.mark.usefixtures("in_chunks")
@pytest.mark.parametrize("seed", range(12))
def test_one_honest_place_is_enough(places, reading, seed):
    chance = random.Random(seed)
    data = chance.randbytes(chance.choice([1000, 450_000]))
    digest, honest = Digest.of(data), chance.randrange(3)
    for number, place in enumerate(places):
        place.hold("app", data)
        if number != honest:
            at = chance.randrange(len(data))
            place.state.blobs[digest] = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            place.fail("GET", "/blobs/", cut(chance.randrange(len(data))), times=chance.choice([1, 2]))
    registry, _ = reading(*places[1:])
    for _ in range(6):
        with registry.fetch(described(data)) as stream:
            if Digest.of(stream.read()) == digest:
                break
            assert stream.distrust()
    else:
        pytest.fail("the honest place was never asked alone")
