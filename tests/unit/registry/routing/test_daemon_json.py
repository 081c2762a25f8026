"""daemon.json: what is made of it, and what is said of a bad one."""

import json

import pytest

from lissom.errors import UsageError
from lissom.oci.reference import Reference
from lissom.registry.routing.daemon_json import read_daemon_file


@pytest.fixture
def daemon(tmp_path):
    def make(text):
        file = tmp_path / "daemon.json"
        file.write_text(text if isinstance(text, str) else json.dumps(text))
        return read_daemon_file([tmp_path / "none", file])

    return make


def test_mirrors_are_the_hubs(daemon):
    read = daemon({"registry-mirrors": ["https://one.example", "http://two.example:5000/"], "data-root": 3})
    route = read.route(Reference.parse("debian:12"))
    assert [(e.scheme, e.host, e.repository) for e in route.endpoints] == [
        ("https", "one.example", "library/debian"),
        ("http", "two.example:5000", "library/debian"),
        ("", "registry-1.docker.io", "library/debian"),
    ]
    assert route.origin is route.endpoints[2]
    assert read.route(Reference.parse("ghcr.io/team/app")) is None


def test_hosts_and_nets_without_verified_certificates(daemon):
    read = daemon({"insecure-registries": ["a.example:5000", "http://b.example", "10.0.0.0/8", "fd00::/8"]})
    names = {"in.example": ("10.1.2.3",), "six.example": ("fd00::1",), "out.example": ("11.1.2.3",)}
    loose = [
        host
        for host in (
            "a.example:5000",
            "a.example",
            "b.example",
            "10.9.9.9:1",
            "[fd00::2]:1",
            "in.example:1",
            "six.example",
            "out.example",
            "none.example",
        )
        if read.insecure(host, lambda name: names.get(name, ()))
    ]
    assert loose == ["a.example:5000", "b.example", "10.9.9.9:1", "[fd00::2]:1", "in.example:1", "six.example"]


def test_nothing_is_looked_up_without_nets(daemon):
    read = daemon({"insecure-registries": ["a.example"]})
    assert not read.insecure("b.example", lambda _: pytest.fail("a look-up"))


@pytest.mark.parametrize("text", ["", "{}", '{"registry-mirrors": null}', '{"registry-mirrors": []}'])
def test_files_that_say_nothing(daemon, text):
    assert daemon(text).route(Reference.parse("debian")) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{\n"registry-mirrors": [\n', "line 3", id="json"),
        pytest.param("[]", "it is not an object", id="list"),
        pytest.param('{"registry-mirrors": 1}', "`registry-mirrors` is not a list of texts", id="type"),
        pytest.param('{"registry-mirrors": ["m.example"]}', "begins with neither", id="no-scheme"),
        pytest.param('{"registry-mirrors": ["https://m.example/x"]}', "has a path", id="path"),
        pytest.param('{"registry-mirrors": ["https://u:secret@m.example"]}', "holds a login", id="login"),
        pytest.param('{"registry-mirrors": ["https://m.example?x=1"]}', "holds a query", id="query"),
        pytest.param('{"insecure-registries": ["a.example/x"]}', "is neither a host nor a net", id="host"),
        pytest.param('{"insecure-registries": ["10.0.0.0/99"]}', "is neither a host nor a net", id="net"),
        pytest.param("[" * 100000, "nested too deeply", id="deep"),
    ],
)
def test_bad_files_are_refused_by_key(daemon, text, message):
    with pytest.raises(UsageError) as caught:
        daemon(text)
    assert "daemon.json" in caught.value.message
    assert message in caught.value.message
