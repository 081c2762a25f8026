import base64
import json
import os
import stat

import pytest

from lissom.errors import RegistryError, UsageError
from lissom.events import Warned
from lissom.registry.logins.credentials import ConfigFiles, forget, forget_all, remember
from lissom.registry.logins.login import Login

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
    helper, heard = Helper(), []
    assert ConfigFiles([path], run=helper, listener=heard.append).find("a.example") is None
    assert helper.calls == []
    assert [one.message.rpartition(": ")[2] for one in heard] == ["that is no name of a program"]
    with pytest.raises(RegistryError, match="is no name of a credential helper"):
        remember(path, "a.example", Login("me", "pw"), run=helper)


@pytest.mark.parametrize(
    ("repository", "user"),
    [
        ("team/app", "app"),
        ("team/app/sub", "app"),
        ("team/other", "team"),
        ("teams/app", "all"),
        ("app", "all"),
        ("", "all"),
    ],
)
def test_the_login_for_the_smallest_part_wins(config, repository, user):
    """podman's keys; whatever their order is."""
    keys = {
        "https://a.example/v1/": "all",
        "a.example/team/": "team",
        "a.example/team/app": "app",
        "b.example/team": "b",
    }
    for some in (keys, dict(reversed(keys.items()))):
        path = config({"auths": {key: {"username": name, "password": "x"} for key, name in some.items()}})
        assert ConfigFiles([path]).find("a.example", repository) == Login(user, "x")


def test_the_hub_has_parts_too(config):
    path = config({"auths": {"docker.io/library": {"auth": AUTH}}})
    assert ConfigFiles([path]).find("docker.io", "library/debian") == Login("me", "pass:word")
    assert ConfigFiles([path]).find("docker.io", "me/debian") is None


def test_a_login_knows_where_it_was(config):
    path = config({"auths": {"a.example": {"auth": AUTH}}, "credHelpers": {"b.example": "two"}})
    files = ConfigFiles([path], run=Helper(said=json.dumps({"Username": "u", "Secret": "s"})))
    assert files.find("a.example").kept_in == str(path)
    assert files.find("b.example").kept_in == "docker-credential-two"


def test_the_oldest_form(config):
    path = config({"https://index.docker.io/v1/": {"auth": AUTH, "email": "me@a.example"}}, ".dockercfg")
    assert ConfigFiles([path]).find("docker.io") == Login("me", "pass:word")
    remember(path, "a.example", Login("me", "pass:word"))
    assert set(json.loads(path.read_text())) == {"https://index.docker.io/v1/", "a.example"}


@pytest.mark.parametrize("broken", [5, {"auth": 5}, {"auth": "%%%"}, {"auth": "bWU="}, ["x"]], ids=range(5))
def test_entries_of_others_may_be_broken(config, broken):
    path = config({"auths": {"b.example": broken, "a.example": {"auth": AUTH.rstrip("=")}}})
    assert ConfigFiles([path]).find("a.example") == Login("me", "pass:word")
    with pytest.raises(RegistryError, match=r"cannot read logins `.*`: the entry for `b.example` "):
        ConfigFiles([path]).find("b.example")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_costs_a_warning(config):
    heard = []
    path = config({"auths": {}})
    path.chmod(0)
    assert ConfigFiles([path], listener=heard.append).find("a.example") is None
    assert heard == [Warned(f"cannot read logins `{path}`: Permission denied")]


@pytest.mark.parametrize(
    "said", ['{"Username": "u"}', '{"Username": 5, "Secret": "s"}', "[]", "\0", "{" * 99999], ids=range(5)
)
def test_helpers_that_say_nonsense(config, said):
    heard = []
    assert (
        ConfigFiles([config({"credsStore": "two"})], run=Helper(said=said), listener=heard.append).find("a.example")
        is None
    )
    assert heard == [Warned("cannot ask `docker-credential-two` about `a.example`: it gave no readable answer")]


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


def test_logins_for_parts_are_kept_apart(config):
    path = config({"auths": {"a.example/team": {"auth": "x"}, "a.example": {"auth": "y"}}})
    remember(path, "a.example", Login("me", "pass:word"), namespace="team")
    assert json.loads(path.read_text())["auths"] == {"a.example": {"auth": "y"}, "a.example/team": {"auth": AUTH}}
    assert forget(path, "a.example")
    assert list(json.loads(path.read_text())["auths"]) == ["a.example/team"]
    assert not forget(path, "a.example")
    assert forget(path, "a.example", namespace="team")


def test_a_helper_keeps_no_parts(config):
    with pytest.raises(UsageError) as caught:
        remember(config({"credsStore": "two"}), "a.example", Login("me", "pw"), namespace="team", run=Helper())
    assert caught.value.message == (
        "cannot keep a login for `a.example/team`: `docker-credential-two` keeps whole registries"
    )


def test_an_identity_token_takes_the_place_of_the_password(tmp_path):
    path = tmp_path / "config.json"
    remember(path, "a.example", Login("me", "pass:word", identity_token="t0ken"))
    assert json.loads(path.read_text())["auths"]["a.example"] == {
        "auth": base64.b64encode(b"me:").decode(),
        "identitytoken": "t0ken",
    }
    assert ConfigFiles([path]).find("a.example") == Login("me", "", identity_token="t0ken")


def test_what_a_helper_complains_about_holds_no_secret(config):
    with pytest.raises(RegistryError) as caught:
        remember(
            config({"credsStore": "two"}), "a.example", Login("me", "geheim"), run=Helper(1, "no room for geheim\n")
        )
    assert caught.value.message == "cannot run `docker-credential-two store`: no room for …"


def test_forget_all(config):
    document = {
        "auths": {"a.example": {}, "b.example/team": {}},
        "credsStore": "two",
        "credHelpers": {"c.example": "one"},
    }
    path, helper = config(document), Helper()
    assert forget_all(path, run=helper) == ["a.example", "b.example/team", "c.example"]
    assert helper.calls == [
        ("two", "erase", "a.example"),
        ("two", "erase", "b.example/team"),
        ("one", "erase", "c.example"),
    ]
    assert json.loads(path.read_text())["auths"] == {}


def test_what_is_written_stays_its_owners(config):
    path = config({"auths": {}, "odd": {"a": 1e300, "b": "\u00fc"}})
    os.chmod(path, 0o644)
    remember(path, "a.example", Login("me", "pw"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["odd"] == {"a": 1e300, "b": "\u00fc"}
