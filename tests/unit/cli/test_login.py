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


@pytest.mark.parametrize(
    ("flags", "typed", "cause"),
    [
        (["-u", "me"], "secret\n", "cannot ask for the password: standard input is no terminal"),
        ([], "me\nsecret\n", "cannot ask for the user name: standard input is no terminal"),
        (["-u", "a:b", "-p", "x"], "", "cannot log in: `a:b` is no user name"),
    ],
    ids=["password", "name", "colon"],
)
def test_nothing_is_asked_where_nobody_answers(server, flags, typed, cause, monkeypatch, capsys):  # noqa: PLR0917 - fixtures
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert run(["login", server.host, *flags]) == 2
    assert cause in capsys.readouterr().err


def test_the_user_is_told(server, home, monkeypatch, capsys):
    assert run(["login", "--get-login", server.host]) == 1
    home.parent.mkdir()
    auth = base64.b64encode(b"me:secret").decode()
    home.write_text(json.dumps({"auths": {server.host: {"auth": auth}, f"{server.host}/team": {"auth": "eW91Ong="}}}))
    capsys.readouterr()
    assert run(["login", "--get-login", server.host]) == 0
    assert run(["login", "--get-login", f"{server.host}/team/app"]) == 0
    assert capsys.readouterr().out == "me\nyou\n"


def test_a_registry_that_asks_nobody(server, home, monkeypatch, capsys):
    server.state.auth = ""
    monkeypatch.setattr(sys, "stdin", io.StringIO("any"))
    assert run(["login", server.host, "-u", "me", "--password-stdin"]) == 0
    assert f"warning: `{server.host}` asks nobody to log in: the password was not checked\n" in capsys.readouterr().err


def test_logout_of_all_and_what_is_left(server, home, tmp_path, capsys):
    home.parent.mkdir()
    auth = {"auth": base64.b64encode(b"me:secret").decode()}
    home.write_text(json.dumps({"auths": {"a.example": auth, "b.example": auth}}))
    other = tmp_path / ".config" / "containers" / "auth.json"
    other.parent.mkdir(parents=True)
    other.write_text(json.dumps({"auths": {"a.example": auth}}))
    assert run(["logout", "a.example"]) == 0
    assert capsys.readouterr().err == f"logged out of a.example\na login for a.example is left in {other}\n"
    assert run(["logout", "--all"]) == 0
    assert run(["logout", "-a"]) == 0
    assert capsys.readouterr().err == f"logged out of b.example\nnot logged in, according to {home}\n"
    assert run(["logout", "-a", "a.example"]) == 2


def test_a_login_that_comes_before_is_told(server, home, tmp_path, monkeypatch, capsys):
    other = tmp_path / ".config" / "containers" / "auth.json"
    other.parent.mkdir(parents=True)
    other.write_text(json.dumps({"auths": {server.host: {"auth": base64.b64encode(b"me:old").decode()}}}))
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret"))
    assert run(["login", server.host, "-u", "me", "--password-stdin"]) == 0
    said = capsys.readouterr().err
    assert f"warning: the login for `{server.host}` in `{other}` comes before this one\n" in said
    assert f"hint: drop it: lissom logout --authfile {other} {server.host}\n" in said
    assert run(["logout", "--authfile", str(other), server.host]) == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret"))
    assert run(["login", server.host, "-u", "me", "--password-stdin"]) == 0
    assert "comes before" not in capsys.readouterr().err


def test_the_settings_file_names_the_logins(server, home, tmp_path, monkeypatch, capsys):
    settings, named = tmp_path / "lissom.toml", tmp_path / "named.json"
    settings.write_text(f'authfile = "{named}"')
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret"))
    assert run(["--config", str(settings), "login", server.host, "-u", "me", "--password-stdin"]) == 0
    assert server.host in json.loads(named.read_text())["auths"]
    assert run(["--config", str(settings), "logout", server.host]) == 0
    assert json.loads(named.read_text())["auths"] == {}
    assert not home.exists()


def test_login_has_no_use_for_mirrors(server):
    assert run(["login", server.host, "-u", "me", "-p", "secret", "--mirrors-only"]) == 2
