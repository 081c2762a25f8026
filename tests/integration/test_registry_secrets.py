"""No secret of a registry is in what lissom prints, keeps or tells others, whether a command succeeds or fails."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connect_proxy import http_proxy
from lissom_runs import Lissom, lissom_of, passed, small_layout
from registry_server import Handler, RegistryServer, redirect

PASSWORD = "s3cr3t-w0rd"
BASIC = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
MIRRORS = base64.b64encode(b"them:m1rr0r-w0rd").decode()
SECRETS = (PASSWORD, BASIC, "m1rr0r-w0rd", MIRRORS, "s1gned", "h3ader-t0ken", "pr0xy-w0rd", "eyJhbGciOi", "1dentity")
STYLES = ([], ["-vv"], ["--progress", "json"])


@pytest.fixture
def lissom(tmp_path) -> Lissom:
    return lissom_of(tmp_path)


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    made = RegistryServer()
    made.state.auth, made.state.users = "basic", {"me": PASSWORD}
    yield made
    made.stop()


@pytest.fixture
def other() -> Iterator[RegistryServer]:
    made = RegistryServer()
    yield made
    made.stop()


@pytest.fixture
def home(tmp_path, server) -> Path:
    """A user who is logged in."""
    folder = tmp_path / "home"
    (folder / ".docker").mkdir(parents=True)
    log_in(folder, {server.host: f"me:{PASSWORD}"})
    return folder


def log_in(home: Path, logins: dict[str, str]) -> None:
    auths = {host: {"auth": base64.b64encode(pair.encode()).decode()} for host, pair in logins.items()}
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": auths}))


@pytest.fixture
def image(tmp_path) -> str:
    return f"oci:{small_layout(tmp_path)}"


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def leaks_below(folder: Path) -> list[tuple[str, str]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [(str(path), one) for path in files for one in leaks(path.read_bytes().decode("latin-1") + str(path))]


def repeat(handler: Handler) -> None:
    """Answer with the whole request, as proxies that are being debugged do."""
    sent = "".join(f"{name}: {value}\n" for name, value in handler.headers.items())
    body = f"{handler.command} {handler.path}\n{sent} eyJhbGciOi.eyJzdWIi.c2ln https://x.test/a?X-Sig=s1gned".encode()
    handler.answer(403, body, Content_Type="text/plain")


@pytest.mark.parametrize("style", STYLES, ids=["plain", "verbose", "json"])
def test_commands_that_succeed(style, server, home, lissom, image, tmp_path):  # noqa: PLR0917 - fixtures
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(f"FROM {server.host}/team/app:1\nLABEL a=b\n")
    app = f"docker://{server.host}/team/app:1"
    for command in (
        ["copy", image, app],
        ["pull", f"{server.host}/team/app:1"],
        ["inspect", app],
        ["push", f"{server.host}/team/app:1", f"{server.host}/other/app:1"],
        ["build", "-t", "built:1", str(context)],
        ["history", "built:1", "--json"],
        ["save", "built:1", "-o", str(tmp_path / "saved.tar")],
    ):
        done = lissom(*style, *command)
        assert done.returncode == 0, (command, done.stderr)
        assert not leaks(done.stdout + done.stderr), command
    assert leaks_below(tmp_path / "store") == []
    assert not leaks((tmp_path / "saved.tar").read_bytes().decode("latin-1"))


@pytest.mark.parametrize("style", STYLES, ids=["plain", "verbose", "json"])
def test_commands_that_fail(style, server, other, home, lissom, image, tmp_path):  # noqa: PLR0917 - fixtures
    app = f"docker://{server.host}/team/app:1"
    passed(lissom("copy", image, app))
    blob = f"{other.url}/v2/team/app/blobs/none?X-Signature=s1gned"
    for method, pattern, fault in (
        ("GET", "/manifests/", repeat),
        ("GET", "/blobs/", repeat),
        ("GET", "/blobs/", redirect(blob)),
        ("POST", "/uploads/", repeat),
        ("POST", "/uploads/", lambda handler: handler.answer(202, Location=f"{other.url}/gone?X-Signature=s1gned")),
    ):
        server.fail(method, pattern, fault, times=9)
        source, target = (
            (f"oci:{image[4:]}:1", f"docker://{server.host}/new/app:1") if method == "POST" else (app, "got:1")
        )
        done = lissom(*style, "copy", source, target)
        assert done.returncode == 4, (method, pattern, done.stderr)
        assert not leaks(done.stdout + done.stderr), (method, pattern, done.stderr)
        server.state.rules.clear()
    server.state.users["me"] = "changed"
    done = lissom(*style, "pull", f"{server.host}/team/app:1")
    assert done.returncode == 4
    assert not leaks(done.stdout + done.stderr)
    assert leaks_below(tmp_path / "store") == []
    assert all("Authorization" not in seen.headers for seen in other.state.seen)


def test_a_token_server_that_repeats_what_it_is_told(server, home, lissom):
    server.state.auth = "bearer"
    server.fail("GET", "^/token", repeat)
    done = lissom("-vv", "pull", f"{server.host}/team/app:1")
    assert done.returncode == 4
    assert "403" in done.stderr
    assert not leaks(done.stdout + done.stderr)
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": {server.host: {"identitytoken": "1dentity"}}}))
    server.fail("POST", "^/token", lambda handler: handler.answer(400, handler.body, Content_Type="text/plain"))
    done = lissom("-vv", "pull", f"{server.host}/team/app:1")
    assert "400" in done.stderr
    assert not leaks(done.stdout + done.stderr)


def test_each_host_sees_its_own_login_alone(server, other, home, lissom, image):
    """A mirror and the registry, both behind passwords."""
    other.state.auth, other.state.users = "basic", {"them": "m1rr0r-w0rd"}
    log_in(home, {server.host: f"me:{PASSWORD}", other.host: "them:m1rr0r-w0rd"})
    passed(lissom("copy", image, f"docker://{server.host}/team/app:1"))
    mirror = ("--mirror", f"{server.host}=http://{other.host}")
    passed(lissom("pull", *mirror, f"{server.host}/team/app:1"))  # the mirror has nothing
    passed(lissom("copy", image, f"docker://{other.host}/team/app:2"))
    passed(lissom("pull", *mirror, f"{server.host}/team/app:2"))  # the mirror has it
    seen = [{one.headers.get("Authorization") for one in host.state.seen} - {None} for host in (server, other)]
    assert seen == [{f"Basic {BASIC}"}, {f"Basic {MIRRORS}"}]


def test_a_header_of_hosts_toml_goes_to_its_host_alone(server, other, home, lissom, image):
    server.state.auth = ""
    log_in(home, {})
    passed(lissom("copy", image, f"docker://{server.host}/team/app:1"))
    folder = home / ".config" / "containerd" / "certs.d" / server.host.replace(":", "_")
    folder = folder.with_name(f"{folder.name}_")
    folder.mkdir(parents=True)
    (folder / "hosts.toml").write_text(
        f'server = "{server.url}"\n[host."{other.url}"]\ncapabilities = ["pull", "resolve"]\n'
        '[host."' + other.url + '".header]\nX-Token = "h3ader-t0ken"\n'
    )
    done = lissom("-vv", "pull", f"{server.host}/team/app:1")
    assert done.returncode == 0, done.stderr
    assert not leaks(done.stdout + done.stderr)
    assert {one.headers.get("X-Token") for one in other.state.seen} == {"h3ader-t0ken"}
    assert {one.headers.get("X-Token") for one in server.state.seen} == {None}


def test_the_login_of_a_proxy(server, home, lissom, image):
    """It is told to the proxy, and to nobody behind it."""
    where = "registry.test:5000"
    log_in(home, {where: f"me:{PASSWORD}"})
    with http_proxy({where: server.host}, login="user:pr0xy-w0rd") as proxy:
        by = {
            "HTTP_PROXY": f"http://user:pr0xy-w0rd@{proxy.address}",
            "HTTPS_PROXY": f"http://user:pr0xy-w0rd@{proxy.address}",
        }
        for arguments in (["copy", image, f"docker://{where}/team/app:1"], ["pull", f"{where}/team/none:1"]):
            done = lissom("-vv", *arguments, "--insecure-registry", where, **by)
            assert done.returncode == (0 if arguments[0] == "copy" else 4), done.stderr
            assert not leaks(done.stdout + done.stderr)
    assert server.state.seen
    assert all("Proxy-Authorization" not in seen.headers for seen in server.state.seen)


def test_a_helper_is_told_by_its_input_alone(server, lissom, tmp_path, home):
    """What it is started with is for everybody to see in the list of processes."""
    helper, told = tmp_path / "bin" / "docker-credential-spy", tmp_path / "told"
    helper.parent.mkdir()
    helper.write_text(f'#!/bin/sh\ncat > /dev/null\necho "$0 $*" >> {told}\nenv >> {told}\n')
    helper.chmod(0o755)
    (home / ".docker" / "config.json").write_text('{"credsStore": "spy"}')
    done = lissom(
        "login", server.host, "-u", "me", "--password-stdin", stdin=PASSWORD, PATH=f"{helper.parent}:/usr/bin:/bin"
    )
    assert done.returncode == 0, done.stderr
    assert "docker-credential-spy store" in told.read_text()
    assert not leaks(told.read_text())


def test_a_helper_that_never_ends_is_ended(tmp_path):
    from lissom.registry.logins.credential_helper import run_helper

    helper, before = tmp_path / "docker-credential-slow", time.monotonic()
    helper.write_text("#!/bin/sh\nsleep 300 & read x < /dev/tty && sleep 300; sleep 300\n")
    helper.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        with pytest.raises(TimeoutError, match=r"no answer within 0\.5 s"):
            run_helper("slow", "get", "a.example", seconds=0.5)
    assert time.monotonic() - before < 20
    assert threading.active_count() < 20
