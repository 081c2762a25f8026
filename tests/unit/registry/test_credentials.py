import base64
import json
import stat

import pytest

from lissom.errors import RegistryError
from lissom.events import Warned
from lissom.registry.credentials import ConfigFiles, forget, remember
from lissom.registry.login import Login

AUTH = base64.b64encode(b"me:pass:word").decode()


class Helper:
    def __init__(self, status=0, said=""):
        self.status, self.said, self.calls = status, said, []

    def __call__(self, name, action, text):
        self.calls.append((name, action, text))
        return self.status, self.said


@pytest.fixture
def config(tmp_path):
    def write(document, name="config.json"):
        path = tmp_path / name
        path.write_text(json.dumps(document))
        return path

    return write


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("a.example", "a.example"),
        ("a.example:5000", "a.example:5000"),
        ("https://a.example/v1/", "a.example"),
        ("a.example/v2", "a.example"),
        ("http://a.example", "a.example"),
        ("A.Example", "a.example"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("docker.io", "docker.io"),
    ],
)
def test_entries_are_found_by_host(config, key, host):
    path = config({"auths": {key: {"auth": AUTH}}})
    assert ConfigFiles([path]).find(host) == Login("me", "pass:word")
    assert ConfigFiles([path]).find("other.example") is None


def test_tokens_are_read(config):
    path = config({"auths": {"a.example": {"identitytoken": "i"}, "b.example": {"registrytoken": "r"}}})
    assert ConfigFiles([path]).find("a.example") == Login(identity_token="i")
    assert ConfigFiles([path]).find("b.example") == Login(registry_token="r")


def test_the_first_file_that_knows_wins(config, tmp_path):
    first = config({"auths": {"a.example": {}}}, "1")
    second = config({"auths": {"a.example": {"username": "two", "password": "2"}}}, "2")
    third = config({"auths": {"a.example": {"username": "three", "password": "3"}}}, "3")
    assert ConfigFiles([tmp_path / "none", first, second, third]).find("a.example") == Login("two", "2")


def test_helpers(config):
    path = config({"credHelpers": {"a.example": "one"}, "credsStore": "two", "auths": {"b.example": {"auth": AUTH}}})
    helper = Helper(said=json.dumps({"ServerURL": "x", "Username": "u", "Secret": "s"}))
    files = ConfigFiles([path], run=helper)
    assert files.find("a.example") == Login("u", "s")
    assert files.find("docker.io") == Login("u", "s")
    assert helper.calls == [("one", "get", "a.example"), ("two", "get", "https://index.docker.io/v1/")]


def test_a_helper_may_hold_a_refresh_token(config):
    path = config({"credsStore": "two"})
    helper = Helper(said=json.dumps({"Username": "<token>", "Secret": "s"}))
    assert ConfigFiles([path], run=helper).find("a.example") == Login(identity_token="s")


def test_a_helper_without_an_answer_means_anonymous(config):
    heard = []
    path = config({"credsStore": "two"})
    helper = Helper(1, "credentials not found in native keychain\n")
    assert ConfigFiles([path], run=helper, listener=heard.append).find("a.example") is None
    assert heard == []


@pytest.mark.parametrize(
    ("helper", "cause"),
    [
        (Helper(1, "the keychain is locked\n"), "the keychain is locked"),
        (Helper(2), "it ended with status 2"),
        (Helper(0, "not json"), "it gave no readable answer"),
    ],
)
def test_a_broken_helper_costs_a_warning(config, helper, cause):
    heard = []
    path = config({"credsStore": "two", "auths": {"a.example": {"auth": AUTH}}})
    assert ConfigFiles([path], run=helper, listener=heard.append).find("a.example") == Login("me", "pass:word")
    assert heard == [Warned(f"cannot ask `docker-credential-two` about `a.example`: {cause}")]


def test_a_missing_helper_costs_a_warning(config):
    heard = []
    path = config({"credsStore": "is-not-installed"})
    assert ConfigFiles([path], listener=heard.append).find("a.example") is None
    assert heard == [
        Warned("cannot ask `docker-credential-is-not-installed` about `a.example`: there is no such program")
    ]


def test_a_helper_is_a_program_on_the_path_only(config):
    path = config({"credsStore": "../../tmp/evil"})
    helper = Helper()
    assert ConfigFiles([path], run=helper).find("a.example") is None
    assert helper.calls == []


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is not of the form of docker's config.json"),
        ('{"auths": []}', "it is not of the form of docker's config.json"),
        ('{"auths": {"a.example": {"auth": "%%%"}}}', "the entry for `a.example` is not base64"),
    ],
)
def test_broken_files_are_named(tmp_path, text, cause):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(RegistryError) as caught:
        ConfigFiles([path]).find("a.example")
    assert caught.value.message == f"cannot read logins `{path}`: {cause}"


def test_remember_writes_what_docker_reads(tmp_path):
    path = tmp_path / "new" / "config.json"
    assert remember(path, "a.example", Login("me", "pass:word")) == str(path)
    assert json.loads(path.read_text()) == {"auths": {"a.example": {"auth": AUTH}}}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["config.json"]
    assert ConfigFiles([path]).find("a.example") == Login("me", "pass:word")


def test_remember_keeps_what_else_is_there(config):
    path = config({"auths": {"b.example": {"auth": "x"}, "docker.io": {"auth": "y"}}, "psFormat": "z"})
    remember(path, "docker.io", Login("me", "pass:word"))
    assert json.loads(path.read_text()) == {
        "auths": {"b.example": {"auth": "x"}, "https://index.docker.io/v1/": {"auth": AUTH}},
        "psFormat": "z",
    }


def test_remember_keeps_a_link(config, tmp_path):
    path = config({})
    link = tmp_path / "link.json"
    link.symlink_to(path)
    remember(link, "a.example", Login("me", "pass:word"))
    assert link.is_symlink()
    assert "a.example" in path.read_text()


def test_remember_asks_the_helper(config):
    path = config({"credsStore": "two"})
    helper = Helper()
    assert remember(path, "docker.io", Login("me", "pw"), run=helper) == "docker-credential-two"
    [(name, action, text)] = helper.calls
    assert (name, action) == ("two", "store")
    assert json.loads(text) == {"ServerURL": "https://index.docker.io/v1/", "Username": "me", "Secret": "pw"}
    assert json.loads(path.read_text()) == {"credsStore": "two"}


def test_remember_tells_when_the_helper_fails(config):
    path = config({"credsStore": "two"})
    with pytest.raises(RegistryError) as caught:
        remember(path, "a.example", Login("me", "pw"), run=Helper(1, "locked"))
    assert caught.value.message == "cannot run `docker-credential-two store`: locked"


def test_forget(config):
    path = config({"auths": {"https://a.example": {"auth": AUTH}, "b.example": {"auth": AUTH}}})
    assert forget(path, "a.example")
    assert not forget(path, "a.example")
    assert json.loads(path.read_text()) == {"auths": {"b.example": {"auth": AUTH}}}


def test_forget_asks_the_helper(config):
    helper = Helper()
    assert forget(config({"credHelpers": {"a.example": "one"}}), "a.example", run=helper)
    assert helper.calls == [("one", "erase", "a.example")]
