from collections.abc import Callable, Iterator

import pytest

from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from registry_server import RegistryServer


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    server = RegistryServer()
    yield server
    server.stop()


@pytest.fixture
def other() -> Iterator[RegistryServer]:
    server = RegistryServer()
    yield server
    server.stop()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def session(slept: list[float]) -> Iterator[Session]:
    with Session(Network(pauses=Pauses(slept.append), connect_deadline=5, stall_deadline=2, attempts=3)) as session:
        yield session


@pytest.fixture
def registry(server: RegistryServer, session: Session) -> Callable[[str], Registry]:
    return lambda repository: Registry(Reference.parse(f"{server.host}/{repository}:1"), session)


@pytest.fixture
def app(registry: Callable[[str], Registry]) -> Registry:
    return registry("app")
