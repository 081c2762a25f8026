"""What a registry may answer while an image is sent, beyond what `test_push_faults` has: odd, false and lost answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import faults
from fault_proxy import Answer, Exchange, Fault, FaultProxy, proxies
from fault_world import Known, Shell
from oracle.registry import running

pytestmark = [pytest.mark.registry, pytest.mark.timeout(120)]

IMAGE = Known.of((1_500_000, 100_000), seed=9)
LARGEST = IMAGE.largest.replace(":", "(:|%3A)")
BEGUN, SENT, MANIFEST = "/blobs/uploads/$", f"digest={LARGEST}", "/manifests/"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("registry")) as host:
        IMAGE.put(host, "app")
        yield host


@pytest.fixture(scope="module")
def shell(registry: str, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A store with the image, whose name says nothing of the registry: its blobs are not mounted."""
    made = Shell.at(tmp_path_factory.mktemp("work"))
    assert made("copy", f"docker://{registry}/app:1", "app:1").code == 0
    return made


@dataclass(frozen=True)
class Case:
    """A fault and what it befalls; without ``error`` the image arrives."""

    name: str
    method: str
    target: str
    fault: Fault
    times: int | None = 1
    error: str = ""
    code: int = 4


def relative() -> Fault:
    """A Location without scheme and host."""

    def edit(answer: Answer) -> None:
        answer.headers["Location"] = "/v2/" + answer.headers["Location"].partition("/v2/")[2]

    return faults.edited(edit)


INVALID = b'{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"}]}'
HEALED = [
    Case("begin-answer-lost", "POST", BEGUN, faults.done_but(faults.hang_up(reset=True))),
    Case("location-relative", "POST", BEGUN, relative(), None),
    Case("sent-500-after-all", "PUT", SENT, faults.done_but(faults.status(500))),
    Case("sent-nowhere-404", "PUT", SENT, faults.status(404)),
    Case("head-closed", "HEAD", "/blobs/", faults.hang_up()),
    Case("manifest-502", "PUT", MANIFEST, faults.html(502)),
]
FATAL = [
    Case("begin-garbage", "POST", BEGUN, faults.garbage(), None, "the answer is not HTTP"),
    Case("no-location", "POST", BEGUN, faults.header("Location", None), None, "does not say where to upload"),
    Case("location-of-no-web", "POST", BEGUN, faults.header("Location", "file:///etc/x"), None, "no web address"),
    Case("sent-400", "PUT", SENT, faults.status(400, INVALID, Content_Type="application/json"), None,
         "400 Bad Request: DIGEST_INVALID: provided digest did not match"),
    Case("manifest-500", "PUT", MANIFEST, faults.status(500), None, "500 Internal Server Error"),
    Case("manifest-stored-otherwise", "PUT", MANIFEST, faults.status(201, Docker_Content_Digest="sha256:" + "1" * 64),
         None, "the registry says that it stored DIGEST, not DIGEST", 5),
    Case("blobs-there-by-a-lie", "HEAD", "/blobs/", faults.status(200), None, "400 Bad Request"),
]  # fmt: skip


def named(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", HEALED, ids=named)
def test_a_push_comes_through(case: Case, registry: str, proxy: FaultProxy, shell: Shell) -> None:
    target = f"healed/{case.name}"
    proxy.fail(case.method, case.target, case.fault, times=case.times)
    done = shell("push", "app:1", f"{proxy.host}/{target}:1")
    assert done.code == 0, done.err
    assert IMAGE.is_at(registry, target)


@pytest.mark.parametrize("case", FATAL, ids=named)
def test_a_push_says_why_not(case: Case, registry: str, proxy: FaultProxy, shell: Shell) -> None:
    target = f"fatal/{case.name}"
    proxy.fail(case.method, case.target, case.fault, times=case.times)
    failed = shell("push", "app:1", f"{proxy.host}/{target}:1")
    message = failed.err[failed.err.index("error: ") :]
    assert (failed.code, bool(re.search(case.error, message))) == (case.code, True), message
    assert re.match("error: cannot [^\n]*[^.\n]\n(\nhint: [^\n]+\n)?$", message)
    assert not IMAGE.is_at(registry, target)
    proxy.clear()
    done = shell("push", "app:1", f"{proxy.host}/{target}:1")
    assert done.code == 0, done.err
    assert IMAGE.is_at(registry, target)
    if case.name.startswith("manifest"):
        assert sum(asked.received for asked in proxy.requests("PUT|PATCH", "/uploads/")) == 0


def test_uploads_to_another_host_and_no_login_goes_there(registry: str, proxy: FaultProxy, shell: Shell) -> None:
    proxy.gate = True
    with proxies(registry) as (other,):

        def elsewhere(exchange: Exchange) -> None:
            answer = exchange.ask()
            answer.headers["Location"] = answer.headers["Location"].replace(proxy.host, other.host)
            exchange.give(answer)

        proxy.fail("POST", BEGUN, elsewhere, skip=1, times=None)  # the first one is asked for a token
        done = shell("push", "app:1", f"{proxy.host}/elsewhere:1")
        assert done.code == 0, done.err
        assert IMAGE.is_at(registry, "elsewhere")
        assert sum(asked.received for asked in other.asked) >= 1_500_000
        assert {asked.authorization for asked in other.asked} == {None}
