"""One registry, and everything that can go wrong on the way to it: an image arrives whole, or nothing does and why.

A proxy before docker-registry breaks what it relays (``faults``), and counts bytes. The process is the real one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import faults
from fault_proxy import Exchange, Fault, FaultProxy, proxies, refusing, unanswering
from fault_world import Known, Shell
from oracle.registry import running

pytestmark = [pytest.mark.registry, pytest.mark.timeout(120)]

IMAGE = Known.of((1_500_000, 100_000), seed=6)
LARGE = Known.of((20_000_000,), seed=7)
MANIFEST, BLOB, CONFIG = (
    "/manifests/",
    f"/blobs/{IMAGE.largest}",
    f"/blobs/{min(IMAGE.blobs, key=lambda d: len(IMAGE.blobs[d]))}",
)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("registry")) as host:
        IMAGE.put(host, "app")
        LARGE.put(host, "large")
        yield host


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell.at(tmp_path / "work")


@dataclass(frozen=True)
class Case:
    """A fault, what it befalls, and what a user reads then; without ``error`` the image arrives."""

    name: str
    target: str
    fault: Fault
    times: int | None = 1
    error: str = ""
    code: int = 4
    every: int = 1

    def arm(self, proxy: FaultProxy) -> None:
        proxy.fail("GET", self.target, self.fault, times=self.times, every=self.every)


# Faults that one more try heals, or that are none.
HEALED = [
    Case("manifest-closed", MANIFEST, faults.hang_up()),
    Case("manifest-reset", MANIFEST, faults.hang_up(reset=True)),
    Case("manifest-silent", MANIFEST, faults.silence()),
    Case("manifest-head-cut", MANIFEST, faults.cut_head()),
    Case("manifest-body-cut", MANIFEST, faults.cut(100)),
    Case("manifest-body-stalled", MANIFEST, faults.stall(100)),
    Case("manifest-promised-more", MANIFEST, faults.promised(10)),
    Case("manifest-chunked", MANIFEST, faults.chunked()),
    Case("manifest-until-close", MANIFEST, faults.until_close()),
    Case("manifest-no-digest", MANIFEST, faults.header("Docker-Content-Digest", None)),
    Case("manifest-odd-type", MANIFEST, faults.header("Content-Type", "text/plain")),
    Case("manifest-no-type", MANIFEST, faults.header("Content-Type", None)),
    Case("429-in-a-second", MANIFEST, faults.limited("1")),
    Case("429-in-unreadable-words", MANIFEST, faults.limited("500000µs".encode().decode("latin-1"))),
    Case("429-without-words", MANIFEST, faults.limited(), times=2),
    Case("500-twice", MANIFEST, faults.status(500), times=2),
    Case("502-page", MANIFEST, faults.html(502)),
    Case("503-every-other", "/", faults.status(503), times=None, every=2),
    Case("504", BLOB, faults.status(504)),
    Case("blob-closed", BLOB, faults.hang_up()),
    Case("blob-reset", BLOB, faults.hang_up(reset=True)),
    Case("blob-silent", BLOB, faults.silence()),
    Case("blob-cut-at-0", BLOB, faults.cut(0)),
    Case("blob-cut-again-and-again", BLOB, faults.cut(1_100_000), times=2),
    Case("blob-stalled", BLOB, faults.stall(700_000)),
    Case("blob-trickles", BLOB, faults.trickle(700_000)),
    Case("blob-chunked", BLOB, faults.chunked()),
    Case("blob-until-close", BLOB, faults.until_close()),
    Case("config-cut", CONFIG, faults.cut(50)),
    Case("config-reset", CONFIG, faults.cut(50, reset=True)),
    Case("blob-as-a-page-type", BLOB, faults.header("Content-Type", "text/html")),
]
# Faults that stay, or bytes that are wrong: the command says what it is.
FATAL = [
    Case("manifest-closed", MANIFEST, faults.hang_up(), None, "the connection was cut"),
    Case("manifest-silent", MANIFEST, faults.silence(), None, "no data for 1 s"),
    Case("manifest-garbage", MANIFEST, faults.garbage(), None, "the answer is not HTTP"),
    Case("manifest-head-trickles", MANIFEST, faults.slow_head(), None, "no data for 1 s|took longer than"),
    Case("manifest-other-digest", MANIFEST, faults.header("Docker-Content-Digest", "sha256:" + "1" * 64), None,
         "its digest is DIGEST, the registry says DIGEST", 5),
    Case("manifest-flipped", MANIFEST, faults.flipped(200), None,
         "its digest is DIGEST, the registry says DIGEST", 5),
    Case("manifest-truncated", MANIFEST, faults.truncated(300), None, "not JSON|cannot read manifest", 5),
    Case("manifest-page", MANIFEST, faults.html(), None, "the answer is an HTML page, not a manifest"),
    Case("manifest-404", MANIFEST, faults.status(404), None, "404 Not Found"),
    Case("429-in-an-hour", MANIFEST, faults.limited("3600"), None,
         "429 Too Many Requests(?s:.*)hint: the registry limits its rate: wait 3600 s"),
    Case("503", MANIFEST, faults.status(503), None, "503 Service Unavailable"),
    Case("502-page", MANIFEST, faults.html(502), None, "502 Bad Gateway: an HTML page, not a registry's answer"),
    Case("redirected-in-a-circle", MANIFEST, faults.loop(), None, "more than 8 redirects follow one another"),
    Case("redirected-to-nowhere", MANIFEST, faults.redirect("ftp://127.0.0.1"), None, "which is no web address"),
    Case("blob-closed", BLOB, faults.hang_up(), None, "the connection was cut"),
    Case("blob-cut-at-0", BLOB, faults.cut(0), None, "the connection was cut after 0 of .* times without progress"),
    Case("blob-trickles", BLOB, faults.trickle(0), None, "no data for 1 s|came .* times without progress"),
    Case("blob-flipped", BLOB, faults.flipped(800_000), None, "its (bytes have digest|digest is) .?DIGEST", 5),
    Case("blob-truncated", BLOB, faults.truncated(9), None, "it has [0-9]+ bytes, not [0-9]+", 5),
    Case("blob-lengthened", BLOB, faults.lengthened(9), None, "it has [0-9]+ bytes, not [0-9]+", 5),
    Case("blob-page", BLOB, faults.html(), None, "(?s:it has 72 bytes.*hint: the registry sent an HTML page)", 5),
    Case("blob-404", BLOB, faults.status(404), None, "404 Not Found"),
    Case("config-flipped", CONFIG, faults.flipped(5), None, "its digest is DIGEST", 5),
]  # fmt: skip


def named(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", HEALED, ids=named)
def test_a_pull_comes_through(case: Case, proxy: FaultProxy, shell: Shell) -> None:
    case.arm(proxy)
    done = shell("pull", f"{proxy.host}/app:1")
    assert (done.code, done.err) == (0, done.err)
    assert IMAGE.is_in(shell.root, f"{proxy.host}/app:1")


@pytest.mark.parametrize("case", FATAL, ids=named)
def test_a_pull_says_why_not(case: Case, proxy: FaultProxy, shell: Shell) -> None:
    case.arm(proxy)
    failed = shell("pull", f"{proxy.host}/app:1")
    message = failed.err[failed.err.index("error: ") :]
    assert failed.code == case.code, message
    assert re.search(case.error, message)
    assert re.match("error: cannot [a-zA-Z]+ [^\n]*[^.\n]\n(\nhint: [^\n]+\n)?$", message)
    assert shell("images", "--json").out.strip() == "[]"
    assert not IMAGE.is_in(shell.root, f"{proxy.host}/app:1")
    _heals(proxy, shell)


def _heals(proxy: FaultProxy, shell: Shell) -> None:
    """A good run afterwards fetches what is missing, and only that."""
    there = {blob for blob in IMAGE.blobs if (shell.root / "blobs/sha256" / blob[7:]).exists()}
    proxy.clear()
    assert shell("pull", f"{proxy.host}/app:1").code == 0
    assert IMAGE.is_in(shell.root, f"{proxy.host}/app:1")
    for blob, data in IMAGE.blobs.items():
        assert proxy.sent(blob) <= (0 if blob in there else len(data))


def test_after_a_cut_not_a_byte_comes_twice(proxy: FaultProxy, shell: Shell) -> None:
    proxy.fail("GET", BLOB, faults.cut(400_000), times=2)
    assert shell("pull", f"{proxy.host}/app:1").code == 0
    assert [asked.start for asked in proxy.requests("GET", BLOB)] == [0, 400_000, 800_000]
    assert proxy.sent() == IMAGE.size


def test_what_came_before_a_failure_is_not_asked_for_again(proxy: FaultProxy, shell: Shell) -> None:
    proxy.fail("GET", BLOB, faults.cut(900_000))
    proxy.fail("GET", BLOB, faults.hang_up(), times=None)
    assert shell("pull", f"{proxy.host}/app:1").code == 4
    proxy.rules.clear()
    assert shell("pull", f"{proxy.host}/app:1").code == 0
    assert IMAGE.is_in(shell.root, f"{proxy.host}/app:1")
    assert proxy.sent() == IMAGE.size


@pytest.mark.parametrize("second", [faults.whole(), faults.unsatisfiable()], ids=["200", "416"])
def test_a_registry_that_knows_no_ranges(second: Fault, proxy: FaultProxy, shell: Shell) -> None:
    proxy.fail("GET", BLOB, faults.cut(400_000))
    proxy.fail("GET", BLOB, second)
    assert shell("pull", f"{proxy.host}/app:1").code == 0
    assert IMAGE.is_in(shell.root, f"{proxy.host}/app:1")


def test_another_range_than_asked_for_is_not_used(proxy: FaultProxy, shell: Shell) -> None:
    proxy.fail("GET", BLOB, faults.cut(400_000))
    proxy.fail("GET", BLOB, faults.shifted(1000), times=None)
    failed = shell("pull", f"{proxy.host}/app:1")
    assert failed.code == 4
    assert "the registry answered another range than asked for" in failed.err
    _heals(proxy, shell)


@pytest.mark.parametrize("fault", [faults.cut(1_000_000), faults.stall(1_000_000), faults.status(503), faults.whole(),
                                   faults.shifted(4096), faults.cut(3_000_000, reset=True)],
                         ids=["cut", "stall", "503", "200", "shifted", "reset"])  # fmt: skip
def test_a_large_blob_in_parts(fault: Fault, proxy: FaultProxy, shell: Shell) -> None:
    # Slow enough that more connections are worth it.
    proxy.fail("GET", f"/blobs/{LARGE.largest}", fault, skip=2, times=2)
    proxy.fail("GET", f"/blobs/{LARGE.largest}", _paced(30e6), times=None)
    done = shell("pull", f"{proxy.host}/large:1")
    if done.code:
        assert "another range" in done.err
        proxy.clear()
        assert shell("pull", f"{proxy.host}/large:1").code == 0
    assert LARGE.is_in(shell.root, f"{proxy.host}/large:1")


def _paced(rate: float) -> Fault:
    def fault(exchange: Exchange) -> None:
        answer = exchange.ask()
        exchange.head(answer)
        for piece in answer.body:
            exchange.hold(len(piece) / rate)
            exchange.send(piece)

    return fault


def test_hosts_that_are_not_there(shell: Shell) -> None:
    with refusing() as host:
        failed = shell("pull", f"{host}/app:1")
        assert (failed.code, "connection refused" in failed.err) == (4, True)
    with unanswering() as host:
        failed = shell("pull", f"{host}/app:1")
        assert (failed.code, "no connection within 1 s" in failed.err) == (4, True)


def test_blobs_at_another_host_and_no_login_goes_there(registry: str, proxy: FaultProxy, shell: Shell) -> None:
    proxy.gate = True
    with proxies(registry) as (cdn,):
        proxy.fail("GET", "/blobs/", faults.redirect(cdn.url), times=None, skip=1)
        cdn.fail("GET", BLOB, faults.cut(500_000))
        assert shell("pull", f"{proxy.host}/app:1").code == 0
        assert IMAGE.is_in(shell.root, f"{proxy.host}/app:1")
        assert sum(asked.authorization is not None for asked in proxy.asked) > 2
        assert {asked.authorization for asked in cdn.asked} == {None}


def test_a_token_that_ends_in_the_middle(proxy: FaultProxy, shell: Shell) -> None:
    proxy.gate = True
    proxy.fail("GET", BLOB, _then(faults.cut(600_000), FaultProxy.expire))
    assert shell("pull", f"{proxy.host}/app:1").code == 0
    assert IMAGE.is_in(shell.root, f"{proxy.host}/app:1")
    assert proxy.sent() == IMAGE.size
    assert len(proxy.requests("GET", "/token")) >= 2


def _then(fault: Fault, after: Callable[[FaultProxy], None]) -> Fault:
    def both(exchange: Exchange) -> None:
        try:
            fault(exchange)
        finally:
            after(exchange.proxy)

    return both


COPIED = [
    case
    for case in HEALED
    if case.name in {"manifest-reset", "blob-cut-again-and-again", "blob-stalled", "503-every-other"}
]
REFUSED = [case for case in FATAL if case.name in {"manifest-page", "blob-flipped", "blob-closed", "blob-truncated"}]


@pytest.mark.parametrize("case", COPIED, ids=named)
def test_copies_come_through(case: Case, registry: str, proxy: FaultProxy, shell: Shell, tmp_path: Path) -> None:
    case.arm(proxy)
    done = shell("copy", f"docker://{proxy.host}/app:1", f"oci:{tmp_path}/layout:1")
    assert (done.code, done.err) == (0, done.err)
    assert IMAGE.is_in_layout(tmp_path / "layout")
    target = f"copies/{case.name}"
    proxy.clear()
    case.arm(proxy)
    done = shell("copy", f"docker://{proxy.host}/app:1", f"docker://{registry}/{target}:1")
    assert (done.code, done.err) == (0, done.err)
    assert IMAGE.is_at(registry, target)


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_copies_say_why_not(case: Case, registry: str, proxy: FaultProxy, shell: Shell, tmp_path: Path) -> None:
    case.arm(proxy)
    failed = shell("copy", f"docker://{proxy.host}/app:1", f"oci:{tmp_path}/layout:1")
    assert (failed.code, bool(re.search(case.error, failed.err))) == (case.code, True), failed.err
    assert not IMAGE.is_in_layout(tmp_path / "layout")
    target = f"refused/{case.name}"
    failed = shell("copy", f"docker://{proxy.host}/app:1", f"docker://{registry}/{target}:1")
    assert (failed.code, bool(re.search(case.error, failed.err))) == (case.code, True), failed.err
    assert not IMAGE.is_at(registry, target)


@pytest.mark.root
@pytest.mark.parametrize("case", COPIED[1:3] + REFUSED[:2], ids=named)
def test_a_base_of_a_build(case: Case, proxy: FaultProxy, shell: Shell) -> None:
    shell.lissom.write({"context/Dockerfile": f"FROM {proxy.host}/app:1\nCOPY Dockerfile /made\n"})
    case.arm(proxy)
    done = shell("build", "-t", "made:1", "context")
    if case.error:
        assert (done.code, bool(re.search(case.error, done.err))) == (case.code, True), done.err
        assert shell("inspect", "made:1").code == 5
        proxy.clear()
        done = shell("build", "-t", "made:1", "context")
    assert (done.code, done.err) == (0, done.err)
    assert shell("inspect", "made:1").code == 0
