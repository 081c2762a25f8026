"""What is taken from the host, and what is not."""

import pytest

from lissom.sandbox import host
from lissom.sandbox.host import collect


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "_apt_lines", lambda env: iter(()))

    def write(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    write("etc/ssl/certs/ca-certificates.crt", "BUNDLE\n")
    (tmp_path / "home").mkdir()
    return tmp_path, write


def look(machine, **env):
    root = machine[0]
    return collect(env, root / "home", root=root)


def test_plain_access_gives_nothing(machine):
    assert look(machine, PATH="/bin", PIP_TIMEOUT="9").files == {}
    assert look(machine, PATH="/bin").env == {}


def test_added_authority(machine):
    machine[1]("usr/local/share/ca-certificates/own.crt", "OWN")
    found = look(machine)
    assert found.files == {"ca.crt": b"BUNDLE\n"}
    assert found.env["PIP_CERT"] == found.env["NODE_EXTRA_CA_CERTS"] == "/dev/shm/lissom-host/ca.crt"
    assert [(m.target, m.mode, m.secret) for m in found.mounts()] == [("/dev/shm/lissom-host/ca.crt", 0o444, True)]


def test_pip_index_without_local_paths(machine):
    machine[1]("etc/pip.conf", "[global]\nindex-url = https://mirror/simple\nfind-links = /opt/wheels\ntimeout = 5\n")
    found = look(machine, PIP_EXTRA_INDEX_URL="https://b/simple file:///srv/pypi")
    assert found.files["pip.conf"] == (
        b"[global]\nextra-index-url = https://b/simple\nindex-url = https://mirror/simple\ntimeout = 5\n"
    )
    assert found.env == {"PIP_CONFIG_FILE": "/dev/shm/lissom-host/pip.conf"}


def test_npm_registry_and_token(machine):
    machine[1]("home/.npmrc", "registry=https://npm/\n//npm/:_authToken=${TOKEN}\nfund=false\n; comment\n")
    found = look(machine, TOKEN="t0p")
    assert found.files["npmrc"] == b"//npm/:_authToken=t0p\nregistry=https://npm/\n"


def test_proxies_are_given_as_they_are(machine):
    found = look(machine, https_proxy="http://u:p@proxy:1", NO_PROXY="a", HTTP_PROXY="")
    assert found.proxies == {"https_proxy": "http://u:p@proxy:1", "NO_PROXY": "a"}
    assert found.env == dict(found.proxies)
