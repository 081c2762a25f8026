"""What tests of images on the move share: a registry, a store that reaches it, and what a listener hears."""

from collections.abc import Iterator

import pytest

from lissom.api.access import Access
from lissom.events import Event
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from lissom.store.store import Store
from registry_server import RegistryServer


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    server = RegistryServer()
    yield server
    server.stop()


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def access(store: Store, heard: list[Event]) -> Iterator[Access]:
    """The store, and registries that nobody waits for before another try."""
    with Session(Network(pauses=Pauses(lambda _: None))) as session:
        yield Access(store, session, listener=heard.append)
