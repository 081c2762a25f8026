import base64
import io
import json
import sys

import pytest

from lissom.cli.main import run
from registry_server import RegistryServer


@pytest.fixture
def server():
    server = RegistryServer()
    server.state.auth, server.state.users = "basic", {"me": "secret"}
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "SSL_CERT_FILE", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "docker" / "config.json"


def test_login_checks_writes_and_logout_forgets(server, home, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\n"))
    assert run(["login", server.host, "-u", "me", "--password-stdin"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"logged in to {server.host} as me; the password is kept in {home}, not encrypted\n"
    entry = {"auth": base64.b64encode(b"me:secret").decode()}
    assert json.loads(home.read_text()) == {"auths": {server.host: entry}}
    assert run(["logout", server.host]) == 0
    assert json.loads(home.read_text()) == {"auths": {}}
    assert run(["logout", server.host]) == 0
    assert capsys.readouterr().err.endswith(f"not logged in to {server.host}, according to {home}\n")


def test_a_wrong_password_is_not_kept(server, home, capsys):
    assert run(["login", f"http://{server.host}/", "-u", "me", "-p", "guess"]) == 4
    assert not home.exists()
    assert capsys.readouterr().err == (
        "warning: --password shows the password to others of this machine\n"
        "hint: use --password-stdin\n"
        f"error: cannot log in to `{server.host}`: it refuses the user name or the password\n\n"
        "hint: many registries want an access token in place of the password\n"
    )


@pytest.mark.parametrize(
    "flags", [["-p", "x", "--password-stdin", "-u", "me"], ["--password-stdin"], ["-u", "me", "-p", ""]]
)
def test_wrong_flags(server, flags):
    assert run(["login", server.host, *flags]) == 2


def test_what_is_no_host_is_refused(capsys):
    assert run(["login", "team", "-u", "me", "-p", "x"]) == 2
    assert "cannot use registry `team`: it is not a host name" in capsys.readouterr().err
