"""Several things at once: in their order, ended together, and at nobody else's cost."""

import threading
import time
from threading import Event

import pytest

from lissom.api.side_by_side import side_by_side
from lissom.errors import RegistryError
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session


@pytest.fixture
def session():
    with Session() as session:
        yield session


@pytest.fixture
def registry(session):
    return Registry(Reference.parse("127.0.0.1:1/app:1"), session)


def test_what_came_of_each_is_given_with_it(store):
    found = side_by_side([3, 1, 2], lambda number: number * 10, store, store, at_once=2, stop=Event())
    assert sorted(found) == [(1, 10), (2, 20), (3, 30)]


def test_a_failure_ends_the_others_also_in_a_pause(session, registry, store):
    stop, waiting = Event(), Event()

    def work(number):
        if number == 0:
            waiting.wait(10)
            raise RegistryError("cannot go on: enough")
        waiting.set()
        session.network.sleep(60)

    start = time.monotonic()
    with pytest.raises(RegistryError, match="enough"):
        side_by_side([0, 1, 2], work, registry, store, at_once=2, stop=stop)
    assert stop.is_set()
    assert time.monotonic() - start < 30


def test_a_good_end_leaves_the_pauses_of_other_transfers_alone(session, registry, store):
    begun, ended = Event(), []

    def other():
        begun.set()
        session.network.sleep(0.5)
        ended.append(True)

    thread = threading.Thread(target=other)
    thread.start()
    begun.wait(10)
    side_by_side([1], lambda _: None, registry, registry, at_once=1, stop=Event())
    thread.join()
    assert ended == [True]
