"""A push over a bad line to docker-registry: the image arrives whole, or its tag does not, and the command says why."""

from __future__ import annotations

import http.client
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import faults
from fault_proxy import Exchange, Fault, FaultProxy, proxies
from fault_world import Known, Shell
from oracle.registry import running

pytestmark = [pytest.mark.registry, pytest.mark.timeout(120)]

IMAGE = Known.of((1_500_000, 100_000), seed=11)
LARGE = Known.of((40_000_000,), seed=12)
UPLOAD, MANIFEST = "/blobs/uploads/", "/manifests/"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("registry")) as host:
        IMAGE.put(host, "from/app")
        LARGE.put(host, "from/large")
        yield host


@pytest.fixture(scope="module")
def shell(registry: str, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A store with both images, which no push changes."""
    shell = Shell.at(tmp_path_factory.mktemp("work") / "here")
    for name in ("app", "large"):
        assert shell("copy", f"docker://{registry}/from/{name}:1", f"{name}:1").code == 0
    return shell


def swallow(size: int, *, reset: bool = False) -> Fault:
    """Take that much of what is sent, and hang up; the registry sees nothing of it."""

    def fault(exchange: Exchange) -> None:
        for _ in exchange.body(size):
            pass
        exchange.hang_up(reset=reset)

    return fault


def hand_on(size: int) -> Fault:
    """Hand that much of what is sent on to the registry, then cut both lines."""

    def fault(exchange: Exchange) -> None:
        connection = http.client.HTTPConnection(exchange.proxy.upstream, timeout=30)
        connection.putrequest(exchange.method, exchange.target)
        for name in ("content-type", "content-length", "content-range"):
            if name in exchange.headers:
                connection.putheader(name, exchange.headers[name])
        connection.endheaders()
        for piece in exchange.body(size):
            connection.send(piece)
        connection.close()
        exchange.hang_up()

    return fault


def lose_answer(exchange: Exchange) -> None:
    """The registry does what is asked, and nobody hears of it."""
    for _ in exchange.ask().body:
        pass
    exchange.hang_up()


HEALED: dict[str, tuple[str, str, Fault, int | None]] = {
    "put-closed": ("PUT", UPLOAD, swallow(300_000), 2),
    "put-reset": ("PUT", UPLOAD, swallow(300_000, reset=True), 2),
    "put-handed-on-in-part": ("PUT", UPLOAD, hand_on(700_000), 2),
    "put-answer-lost": ("PUT", UPLOAD, lose_answer, 2),
    "put-429": ("PUT", UPLOAD, faults.status(429, Retry_After="1"), 2),
    "put-silent": ("PUT", UPLOAD, faults.silence(), 1),
    "begin-503": ("POST", UPLOAD, faults.status(503, Retry_After="0"), 2),
    "head-503": ("HEAD", "/blobs/", faults.status(503), 2),
    "no-big-puts": ("PUT", UPLOAD + ".*digest", faults.status(413), 3),
    "manifest-reset": ("PUT", MANIFEST, faults.hang_up(reset=True), 1),
    "manifest-answer-lost": ("PUT", MANIFEST, lose_answer, 1),
    "manifest-429": ("PUT", MANIFEST, faults.status(429, Retry_After="1"), 1),
}
FATAL: dict[str, tuple[str, str, Fault, str]] = {
    "put-403": ("PUT", UPLOAD, faults.status(403), "403 Forbidden"),
    "put-always-cut": ("PUT|PATCH", UPLOAD, swallow(10_000), "the connection was cut"),
    "always-500": ("PUT|PATCH", UPLOAD, faults.status(500), "500 Internal Server Error"),
    "begin-404": ("POST", UPLOAD, faults.status(404), "404 Not Found"),
    "wait-for-ever": ("POST", UPLOAD, faults.status(429, Retry_After="9999"), "429"),
    "manifest-400": ("PUT", MANIFEST, faults.status(400, b'{"errors":[{"code":"MANIFEST_INVALID"}]}'), "MANIFEST_INVALID"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEALED)
def test_a_push_comes_through(name: str, registry: str, proxy: FaultProxy, shell: Shell) -> None:
    method, target, fault, times = HEALED[name]
    proxy.fail(method, target, fault, times=times)
    done = shell("push", "app:1", f"{proxy.host}/to/{name}:1")
    assert (done.code, done.err) == (0, done.err)
    assert IMAGE.is_at(registry, f"to/{name}")


@pytest.mark.parametrize("name", FATAL)
def test_a_push_says_why_not(name: str, registry: str, proxy: FaultProxy, shell: Shell) -> None:
    method, target, fault, words = FATAL[name]
    proxy.fail(method, target, fault, times=None)
    failed = shell("push", "app:1", f"{proxy.host}/not/{name}:1")
    assert (failed.code, words in failed.err) == (4, True), failed.err
    assert "Traceback" not in failed.err
    assert not IMAGE.is_at(registry, f"not/{name}")


@pytest.mark.parametrize(
    ("fault", "most"),
    [(faults.status(502), 60_000_000), (swallow(2_000_000), 62_000_000)],
    ids=["502", "cut"],
)
def test_a_chunk_that_failed_is_all_that_is_sent_again(
    fault: Fault, most: int, registry: str, proxy: FaultProxy, shell: Shell
) -> None:
    proxy.fail("PUT", UPLOAD + ".*digest", faults.status(413), times=1)
    proxy.fail("PATCH", UPLOAD, fault, skip=1, times=1)
    repository = f"chunks/{most}"
    done = shell("push", "large:1", f"{proxy.host}/{repository}:1")
    assert (done.code, done.err) == (0, done.err)
    assert LARGE.is_at(registry, repository)
    # What the refused PUT took is not counted: the first chunk was kept, the second came twice.
    assert sum(asked.received for asked in proxy.requests("PATCH", UPLOAD)) < most


def test_what_arrived_is_not_sent_again_by_the_next_push(registry: str, proxy: FaultProxy, shell: Shell) -> None:
    proxy.fail("PUT", MANIFEST, faults.status(403), times=None)
    assert shell("push", "app:1", f"{proxy.host}/again:1").code == 4
    proxy.clear()
    assert shell("push", "app:1", f"{proxy.host}/again:1").code == 0
    assert not proxy.requests("PUT|POST|PATCH", UPLOAD)


def test_a_lost_answer_sends_nothing_twice(proxy: FaultProxy, shell: Shell) -> None:
    proxy.fail("PUT", UPLOAD, lose_answer, times=1)
    assert shell("push", "large:1", f"{proxy.host}/lost:1").code == 0
    assert sum(asked.received for asked in proxy.requests("PUT|PATCH", UPLOAD)) < 1.1 * LARGE.size


def test_a_token_that_ends_in_the_middle(registry: str, shell: Shell) -> None:
    def forgotten(exchange: Exchange) -> None:
        exchange.give(exchange.ask())
        exchange.proxy.tokens.clear()

    with proxies(registry, gate=True) as (gate,):
        gate.fail("PUT", UPLOAD + ".*digest", faults.status(413), times=1)
        gate.fail("PATCH", UPLOAD, forgotten, times=1)
        done = shell("push", "large:1", f"{gate.host}/tokens:1")
        assert (done.code, done.err) == (0, done.err)
    assert LARGE.is_at(registry, "tokens")


def interrupted(shell: Shell, *arguments: str, when: Callable[[], object]) -> float:
    """Interrupt lissom a little after ``when`` is true; gives how many seconds it took to end."""
    # Whoever starts the tests in the background of a shell has interrupts ignored, and so would this process.
    child = shell.lissom.start(
        *arguments,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    limit = time.monotonic() + 30
    while not when() and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, err = child.communicate(timeout=100)
    assert child.returncode == 130, err
    assert b"Traceback" not in err
    return time.monotonic() - start


def test_a_push_that_is_interrupted_cancels_what_it_began(registry: str, proxy: FaultProxy, shell: Shell) -> None:
    def crawl(exchange: Exchange) -> None:
        for _ in exchange.body():
            exchange.hold(0.01)

    proxy.fail("PUT", UPLOAD, crawl, times=None)
    target = f"{proxy.host}/interrupted:1"
    interrupted(shell, "push", "large:1", target, when=lambda: proxy.requests("PUT", UPLOAD))
    assert len(proxy.requests("DELETE", UPLOAD)) == 1
    assert not LARGE.is_at(registry, "interrupted")


@pytest.mark.parametrize("command", ["push", "pull"])
def test_who_is_told_to_wait_can_be_interrupted(
    registry: str, proxy: FaultProxy, shell: Shell, tmp_path: Path, command: str
) -> None:
    method, where = ("POST", UPLOAD) if command == "push" else ("GET", "/blobs/")
    proxy.fail(method, where, faults.status(429, Retry_After="50"), times=None)
    words = ["push", "large:1", f"{proxy.host}/waiting:1"]
    if command == "pull":
        shell, words = Shell.at(tmp_path), ["pull", f"{proxy.host}/from/large:1"]
    assert interrupted(shell, *words, when=lambda: proxy.requests(method, where)) < 25
