"""The proxy that breaks things is itself right: what it relays, what it changes, what it counts."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException, IncompleteRead
from typing import Any

import pytest

import faults
from fault_proxy import FaultProxy, proxies, refusing, unanswering
from registry_server import RegistryServer

DATA = os.urandom(200_000)


@pytest.fixture
def proxy(server: RegistryServer) -> Iterator[FaultProxy]:
    server.hold("app", DATA)
    with proxies(server.host) as (made,):
        yield made


@pytest.fixture
def path(server: RegistryServer, proxy: FaultProxy) -> str:
    return f"/v2/app/blobs/{next(iter(server.state.blobs))}"


@dataclass
class Got:
    status: int
    headers: Message
    body: bytes


def ask(proxy: FaultProxy, path: str, method: str = "GET", timeout: float = 10, **more: Any) -> Got:
    with closing(HTTPConnection(proxy.host, timeout=timeout)) as connection:
        connection.request(method, path, **more)
        with connection.getresponse() as answer:
            return Got(answer.status, answer.headers, answer.read())


def test_without_rules_everything_passes(proxy: FaultProxy, path: str) -> None:
    answer = ask(proxy, path)
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, DATA, "200000")
    part = ask(proxy, path, headers={"Range": "bytes=150000-"})
    assert (part.status, part.body) == (206, DATA[150_000:])
    assert ask(proxy, path, "HEAD").body == b""
    assert [(a.method, a.start, a.sent) for a in proxy.asked] == [("GET", 0, 200_000), ("GET", 150_000, 50_000), ("HEAD", 0, 0)]  # fmt: skip


def test_uploads_pass_and_count(proxy: FaultProxy) -> None:
    where = ask(proxy, "/v2/app/blobs/uploads/", "POST").headers["Location"]
    ask(proxy, where, "PATCH", body=DATA)
    assert [a.received for a in proxy.requests("PATCH", "uploads")] == [200_000]


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_cut_comes_after_exactly_so_many_bytes(proxy: FaultProxy, path: str, reset: bool) -> None:
    proxy.fail("GET", "/blobs/", faults.cut(70_000, reset=reset))
    if reset:
        with pytest.raises((ConnectionResetError, IncompleteRead)):
            ask(proxy, path)
    else:
        with pytest.raises(IncompleteRead) as caught:
            ask(proxy, path)
        assert caught.value.partial == DATA[:70_000]
    assert proxy.sent() == 70_000
    assert ask(proxy, path).body == DATA


def test_one_bit_is_flipped(proxy: FaultProxy, path: str) -> None:
    proxy.fail("GET", "/blobs/", faults.flipped(100_000))
    got = ask(proxy, path).body
    assert [(at, a ^ b) for at, (a, b) in enumerate(zip(got, DATA, strict=True)) if a != b] == [(100_000, 1)]


def test_lengths_that_lie(proxy: FaultProxy, path: str) -> None:
    for fault in (
        faults.truncated(7),
        faults.lengthened(7),
        faults.promised(7),
        faults.chunked(),
        faults.until_close(),
    ):
        proxy.fail("GET", "/blobs/", fault)
    assert ask(proxy, path).body == DATA[:-7]
    assert ask(proxy, path).body == DATA + b"x" * 7
    with pytest.raises(IncompleteRead):
        ask(proxy, path)
    answer = ask(proxy, path)
    assert (answer.headers["Content-Length"], answer.body) == (None, DATA)
    answer = ask(proxy, path)
    assert (answer.headers["Content-Length"], answer.body) == (None, DATA)


def test_ranges_that_lie(proxy: FaultProxy, path: str) -> None:
    proxy.fail("GET", "/blobs/", faults.whole())
    proxy.fail("GET", "/blobs/", faults.shifted(5))
    asked = {"Range": "bytes=100-"}
    assert ask(proxy, path, headers=asked).status == 200
    answer = ask(proxy, path, headers=asked)
    assert (answer.status, answer.headers["Content-Range"]) == (206, "bytes 105-199999/200000")


def test_rules_count_requests(proxy: FaultProxy, path: str) -> None:
    proxy.fail("GET", "/blobs/", faults.status(503), skip=1, every=2, times=2)
    assert [ask(proxy, path).status for _ in range(7)] == [200, 503, 200, 503, 200, 200, 200]


def test_silence_and_garbage(proxy: FaultProxy, path: str) -> None:
    for fault in (faults.silence(), faults.stall(10)):
        proxy.fail("GET", "/blobs/", fault)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            ask(proxy, path, timeout=0.2)
    proxy.fail("GET", "/blobs/", faults.garbage())
    with pytest.raises(HTTPException):
        ask(proxy, path)


def test_headers_without_end(proxy: FaultProxy, path: str) -> None:
    proxy.fail("GET", "/blobs/", faults.slow_head(0.001))
    with socket.create_connection(proxy.host.split(":"), 5) as connection:  # type: ignore[arg-type]
        connection.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        came = b""
        while len(came) < 100:
            came += connection.recv(100)
    assert came.endswith(b"aaa")


def test_tokens_end_when_told(proxy: FaultProxy, path: str) -> None:
    proxy.gate = True
    assert 'scope="repository:app:pull"' in ask(proxy, path).headers["WWW-Authenticate"]
    token = ask(proxy, "/token?service=faults&scope=x").body[10:26].decode()
    login = {"Authorization": f"Bearer {token}"}
    assert ask(proxy, path, headers=login).status == 200
    proxy.fail("GET", "/blobs/", faults.expired())
    assert [ask(proxy, path, headers=login).status for _ in range(2)] == [401, 401]


def test_hosts_that_are_not_there() -> None:
    with refusing() as host, pytest.raises(ConnectionRefusedError):
        socket.create_connection((host.split(":")[0], int(host.split(":")[1])), 1)
    with unanswering() as host, pytest.raises(TimeoutError):
        socket.create_connection((host.split(":")[0], int(host.split(":")[1])), 0.3)
