"""Mirrors that fail in every way, before an origin that is well: the image arrives whole, and nothing comes twice.

All hosts are proxies before one docker-registry; one is docker-registry itself as a pull-through mirror.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import faults
from authorities import authority
from fault_proxy import Fault, FaultProxy, proxies, refusing, unanswering
from fault_world import Known, Shell, verify
from oracle.registry import running

pytestmark = [pytest.mark.registry, pytest.mark.timeout(120)]

IMAGE = Known.of((1_500_000, 100_000), seed=6)
OLDER = Known.of((50_000,), seed=5)
LARGE = Known.of((24_000_000, 9_000_000, 300_000), seed=8)
MANIFEST, BLOB = "/manifests/", f"/blobs/{IMAGE.largest}"
KILLS = int(os.environ.get("LISSOM_TEST_KILLS", "5"))
SCHEDULES = int(os.environ.get("LISSOM_TEST_SCHEDULES", "12"))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("registry")) as host:
        IMAGE.put(host, "app")
        OLDER.put(host, "old/app")
        LARGE.put(host, "large")
        yield host


@dataclass(frozen=True)
class Hosts:
    """An origin and two mirrors of it, and lissom with a store that knows them."""

    origin: FaultProxy
    first: FaultProxy
    second: FaultProxy
    directory: Path

    def shell(self, *mirrors: FaultProxy | str, attempts: int = 3) -> Shell:
        """lissom that asks ``mirrors``, in this order, before the origin."""
        urls = [mirror if isinstance(mirror, str) else mirror.url for mirror in mirrors]
        return Shell.at(self.directory, {self.origin.host: urls}, attempts)

    def name(self, repository: str = "app") -> str:
        return f"{self.origin.host}/{repository}:1"


@pytest.fixture
def hosts(registry: str, tmp_path: Path) -> Iterator[Hosts]:
    with proxies(registry, 3) as (origin, first, second):
        yield Hosts(origin, first, second, tmp_path / "work")


# What a mirror may do for ever: each is (what it befalls, how).
WRONGS: dict[str, tuple[str, Fault]] = {
    "closed": ("/", faults.hang_up()),
    "reset": ("/", faults.hang_up(reset=True)),
    "silent": ("/", faults.silence()),
    "garbage": ("/", faults.garbage()),
    "head-trickles": (MANIFEST, faults.slow_head()),
    "head-cut": (MANIFEST, faults.cut_head()),
    "limited": ("/", faults.limited()),
    "limited-for-an-hour": ("/", faults.limited("3600")),
    "500": ("/", faults.status(500)),
    "503": ("/", faults.status(503, Retry_After="600")),
    "401": ("/", faults.status(401)),
    "403": ("/", faults.status(403)),
    "404": ("/", faults.status(404)),
    "captive-portal": ("/", faults.html()),
    "manifest-cut": (MANIFEST, faults.cut(100)),
    "manifest-flipped": (MANIFEST, faults.flipped(300)),
    "manifest-truncated": (MANIFEST, faults.truncated(300)),
    "manifest-other-digest": (MANIFEST, faults.header("Docker-Content-Digest", "sha256:" + "1" * 64)),
    "circle": (MANIFEST, faults.loop()),
    "blobs-missing": ("/blobs/", faults.status(404)),
    "blobs-503": ("/blobs/", faults.status(503)),
    "blobs-are-pages": ("/blobs/", faults.html()),
    "blobs-cut-at-0": ("/blobs/", faults.cut(0)),
    "blobs-cut": (BLOB, faults.cut(600_000)),
    "blobs-reset": (BLOB, faults.cut(600_000, reset=True)),
    "blobs-stall": (BLOB, faults.stall(600_000)),
    "blobs-trickle": (BLOB, faults.trickle(600_000)),
    "blobs-flipped": ("/blobs/", faults.flipped(100)),
    "blobs-truncated": ("/blobs/", faults.truncated(5)),
    "blobs-lengthened": ("/blobs/", faults.lengthened(5)),
    "blobs-redirected-to-nowhere": ("/blobs/", faults.redirect("http://127.0.0.1:1")),
}


def break_(proxy: FaultProxy, *names: str) -> None:
    for name in names:
        target, fault = WRONGS[name]
        proxy.fail("GET|HEAD", target, fault, times=None)


@pytest.mark.parametrize("wrong", WRONGS)
def test_whatever_a_mirror_does_the_image_arrives(wrong: str, hosts: Hosts) -> None:
    break_(hosts.first, wrong)
    shell = hosts.shell(hosts.first)
    done = shell("pull", hosts.name())
    assert done.code == 0, done.err
    assert IMAGE.is_in(shell.root, hosts.name())
    # The origin is asked for each blob once at most, and only for what did not come.
    assert all(hosts.origin.sent(blob) <= len(data) for blob, data in IMAGE.blobs.items())


PAIRS = [("blobs-cut", "blobs-stall"), ("blobs-flipped", "blobs-missing"), ("503", "silent"),
         ("manifest-flipped", "blobs-truncated"), ("blobs-cut", "blobs-flipped")]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_two_mirrors_that_are_wrong(pair: tuple[str, str], hosts: Hosts) -> None:
    break_(hosts.first, pair[0])
    break_(hosts.second, pair[1])
    shell = hosts.shell(hosts.first, hosts.second)
    done = shell("pull", hosts.name())
    assert done.code == 0, done.err
    assert IMAGE.is_in(shell.root, hosts.name())


@pytest.mark.parametrize("wrong", ["blobs-cut", "blobs-flipped", "503"])
def test_copies_go_past_a_wrong_mirror(wrong: str, hosts: Hosts, registry: str, tmp_path: Path) -> None:
    break_(hosts.first, wrong)
    shell = hosts.shell(hosts.first)
    done = shell("copy", f"docker://{hosts.name()}", f"oci:{tmp_path}/layout:1")
    assert done.code == 0, done.err
    assert IMAGE.is_in_layout(tmp_path / "layout")
    target = f"copied/{wrong}"
    done = shell("copy", f"docker://{hosts.name()}", f"docker://{registry}/{target}:1")
    assert done.code == 0, done.err
    assert IMAGE.is_at(registry, target)


@pytest.mark.root
@pytest.mark.parametrize("wrong", ["blobs-cut", "blobs-flipped", "manifest-cut"])
def test_a_build_goes_past_a_wrong_mirror(wrong: str, hosts: Hosts) -> None:
    break_(hosts.first, wrong)
    shell = hosts.shell(hosts.first)
    shell.lissom.write({"context/Dockerfile": f"FROM {hosts.name()}\nCOPY Dockerfile /made\n"})
    done = shell("build", "-t", "made:1", "context")
    assert done.code == 0, done.err
    verify(shell.root)


def test_a_mirror_that_dies_in_the_middle_of_a_blob(hosts: Hosts) -> None:
    hosts.first.fail("GET", BLOB, faults.cut(600_000))
    hosts.first.fail("GET", BLOB, faults.hang_up(), times=None)
    shell = hosts.shell(hosts.first)
    done = shell("pull", hosts.name(), "--json", verbose=True)
    assert done.code == 0, done.err
    assert [asked.start for asked in hosts.origin.requests("GET", BLOB)] == [600_000]
    assert hosts.first.sent(BLOB) + hosts.origin.sent(BLOB) == len(IMAGE.blobs[IMAGE.largest])
    assert hosts.first.host in done.err
    assert hosts.origin.host in done.err
    given = {source["host"]: source["bytes"] for source in json.loads(done.out)["sources"]}
    assert given[hosts.origin.host] == len(IMAGE.blobs[IMAGE.largest]) - 600_000
    assert sum(given.values()) >= IMAGE.size


def test_a_wrong_mirror_is_remembered_by_the_next_command(hosts: Hosts) -> None:
    break_(hosts.first, "silent")
    shell = hosts.shell(hosts.first)
    assert shell("pull", hosts.name()).code == 0
    asked = len(hosts.first.asked)
    assert asked
    started = time.monotonic()
    assert shell("pull", hosts.name("large")).code == 0
    assert LARGE.is_in(shell.root, hosts.name("large"))
    assert len(hosts.first.asked) == asked, "the mirror rests"
    assert time.monotonic() - started < 60


def test_a_mirror_that_is_well_gives_all(hosts: Hosts) -> None:
    shell = hosts.shell(hosts.first, hosts.second)
    done = shell("pull", hosts.name(), verbose=True)
    assert (done.code, hosts.first.sent(), hosts.second.asked) == (0, IMAGE.size, [])
    assert hosts.origin.sent() == 0
    assert hosts.first.host in done.err


def test_mirrors_that_are_not_there(hosts: Hosts) -> None:
    with refusing() as one, unanswering() as other:
        shell = hosts.shell(f"http://{one}", f"http://{other}")
        done = shell("pull", hosts.name())
    assert done.code == 0, done.err
    assert IMAGE.is_in(shell.root, hosts.name())


@pytest.mark.parametrize("right", [True, False], ids=["known", "unknown"])
def test_the_authority_of_a_mirrors_certificate(right: bool, hosts: Hosts, registry: str, tmp_path: Path) -> None:
    known = authority(tmp_path, "known")
    maker = known if right else authority(tmp_path, "unknown")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*maker.issue("mirror"))
    with proxies(registry, tls=context) as (mirror,):
        shell = hosts.shell(mirror)
        trusted = hosts.directory / "containers" / "certs.d" / mirror.host
        trusted.mkdir(parents=True)
        shutil.copy(known.certificate, trusted / "ca.crt")
        done = shell("pull", hosts.name(), verbose=True)
        assert done.code == 0, done.err
        assert (mirror.sent(), hosts.origin.sent()) == ((IMAGE.size, 0) if right else (0, IMAGE.size))
        assert right or "TLS failed: the certificate cannot be verified" in done.err


def test_when_all_fail_all_are_named(hosts: Hosts) -> None:
    break_(hosts.first, "503")
    break_(hosts.origin, "404")
    failed = hosts.shell(hosts.first)("pull", hosts.name())
    assert failed.code == 4
    assert f"cannot GET `{hosts.origin.url}/v2/app/manifests/1`: 404 Not Found" in failed.err
    assert f"mirrors said `{hosts.first.host}`: 503 Service Unavailable" in failed.err


def test_a_mirror_with_an_old_image_under_the_tag(hosts: Hosts) -> None:
    """Its word counts for the tag: that is what a mirror is; by digest it cannot deceive."""
    hosts.first.fail("GET|HEAD", "/v2/app/", _moved_to("old/app"), times=None)
    shell = hosts.shell(hosts.first)
    assert shell("pull", hosts.name()).code == 0
    assert OLDER.is_in(shell.root, hosts.name())
    name = f"{hosts.origin.host}/app@{IMAGE.digest}"
    done = shell("pull", name)
    assert done.code == 0, done.err
    assert IMAGE.digest in verify(shell.root)


def _moved_to(repository: str) -> Fault:
    def fault(exchange: faults.Exchange) -> None:
        exchange.target = exchange.target.replace("/v2/app/", f"/v2/{repository}/")
        exchange.give(exchange.ask())

    return fault


def test_a_registry_of_its_own_as_mirror(hosts: Hosts, tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    with running(tmp_path / "mirror", f"proxy: {{remoteurl: {hosts.origin.url}}}\n") as mirror:
        shell = hosts.shell(f"http://{mirror}")
        for fault in (None, faults.cut(700_000), faults.flipped(700_000)):
            if fault:
                hosts.origin.fail("GET", f"/blobs/{LARGE.largest}", fault)
            done = shell("pull", hosts.name("large"))
            assert done.code == 0, done.err
            assert LARGE.is_in(shell.root, hosts.name("large"))
            assert shell("rm", hosts.name("large")).code == shell("gc").code == 0


def test_no_login_of_the_origin_goes_to_a_mirror(hosts: Hosts) -> None:
    hosts.origin.gate = True
    break_(hosts.first, "blobs-cut")
    assert hosts.shell(hosts.first)("pull", hosts.name()).code == 0
    assert {asked.authorization for asked in hosts.first.asked} == {None}
    assert any(asked.authorization for asked in hosts.origin.asked)


def test_large_blobs_from_mirrors_that_die(hosts: Hosts) -> None:
    hosts.first.fail("GET", f"/blobs/{LARGE.largest}", faults.cut(5_000_000), times=None)
    hosts.second.fail("GET", f"/blobs/{LARGE.largest}", faults.cut(2_000_000), times=2)
    shell = hosts.shell(hosts.first, hosts.second)
    done = shell("pull", hosts.name("large"))
    assert done.code == 0, done.err
    assert LARGE.is_in(shell.root, hosts.name("large"))


@pytest.mark.parametrize("round_", range(KILLS))
def test_killed_and_resumed(round_: int, hosts: Hosts) -> None:
    chance = random.Random(round_)
    shell = hosts.shell(hosts.first)
    for blob in LARGE.blobs:
        hosts.first.fail("GET", f"/blobs/{blob}", _paced(40e6), times=None)
    for _ in range(2):
        settings = str(shell.lissom.here / "settings.toml")
        process = shell.lissom.start("--config", settings, "pull", hosts.name("large"))
        deadline, enough = time.monotonic() + 20, chance.randrange(1, LARGE.size)
        while process.poll() is None and hosts.first.sent() < enough and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        whole = verify(shell.root) if shell.root.exists() else set()
        parts = sum(path.stat().st_size for path in shell.root.rglob("*.part"))
        hosts.first.asked.clear()
    done = shell("pull", hosts.name("large"))
    assert done.code == 0, done.err
    assert LARGE.is_in(shell.root, hosts.name("large"))
    assert all(hosts.first.sent(blob) == 0 for blob in whole)
    missing = sum(len(data) for blob, data in LARGE.blobs.items() if blob not in whole)
    assert hosts.first.sent() + hosts.origin.sent() <= missing - parts
    assert parts >= 0


def _paced(rate: float) -> Fault:
    def fault(exchange: faults.Exchange) -> None:
        answer = exchange.ask()
        exchange.head(answer)
        for piece in answer.body:
            exchange.hold(len(piece) / rate)
            exchange.send(piece)

    return fault


# A fault that may come at any time, and how it is drawn.
CHANCES: list[Callable[[random.Random], Fault]] = [
    lambda _: faults.hang_up(),
    lambda _: faults.hang_up(reset=True),
    lambda chance: faults.cut(chance.randrange(1_500_000)),
    lambda chance: faults.cut(chance.randrange(1_500_000), reset=True),
    lambda chance: faults.flipped(chance.randrange(1_500_000)),
    lambda chance: faults.truncated(chance.randrange(1, 500)),
    lambda chance: faults.status(chance.choice([404, 429, 500, 502, 503, 504])),
    lambda _: faults.limited("1"),
    lambda _: faults.html(),
    lambda _: faults.garbage(),
    lambda _: faults.chunked(),
    lambda _: faults.whole(),
    lambda _: faults.cut_head(),
]


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_any_schedule_of_faults(seed: int, hosts: Hosts, registry: str, tmp_path: Path) -> None:
    """The image is there whole, or an error of one line is and no name; a later command without faults mends all."""
    chance = random.Random(seed)
    everywhere = [hosts.origin, hosts.first, hosts.second]
    for _ in range(chance.randrange(1, 9)):
        target = chance.choice([MANIFEST, "/blobs/", BLOB])
        fault = chance.choice(CHANCES)(chance)
        chance.choice(everywhere).fail("GET|HEAD", target, fault, times=chance.choice([1, 1, 2, None]))
    shell = hosts.shell(hosts.first, hosts.second, attempts=2)
    layout, target = tmp_path / "layout", f"random/{seed}"
    commands: list[tuple[tuple[str, ...], Callable[[], bool]]] = [
        (("pull", hosts.name()), lambda: IMAGE.is_in(shell.root, hosts.name())),
        (("copy", f"docker://{hosts.name()}", f"oci:{layout}:1"), lambda: IMAGE.is_in_layout(layout)),
        (
            ("copy", f"docker://{hosts.name()}", f"docker://{registry}/{target}:1"),
            lambda: IMAGE.is_at(registry, target),
        ),
    ]
    words, arrived = chance.choice(commands)
    done = shell(*words)
    assert done.code in (0, 4, 5), done.err
    assert arrived() == (done.code == 0), done.err
    for proxy in everywhere:
        proxy.clear()
    assert shell(*words).code == 0
    assert arrived()
