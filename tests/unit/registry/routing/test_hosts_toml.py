"""hosts.toml: what is made of it, and what is said of a bad one."""

import pytest

from lissom.errors import UsageError
from lissom.oci.reference import Reference
from lissom.registry.routing.hosts_toml import find_hosts_file, known_registries
from lissom.registry.trust import Trust


@pytest.fixture
def certs(tmp_path):
    def make(text, host="docker.io"):
        (tmp_path / host).mkdir()
        (tmp_path / host / "hosts.toml").write_text(text)
        return tmp_path

    return make


def routed(directory, text):
    reference = Reference.parse(text)
    file = find_hosts_file([directory], reference.registry)
    return file.route(reference) if file else None


def urls(route):
    return [f"{e.scheme}://{e.host}{e.path_of('')}" for e in route.endpoints]


HUB = """
server = "https://registry-1.docker.io"
[host."https://public.example"]
  capabilities = ["pull"]
[host."http://inside.example:5000/cache"]
  capabilities = ["pull", "resolve"]
  dial_timeout = "1m1.5s"
[host."https://old.example/v2/hub"]
  override_path = true
[host."https://sink.example"]
  capabilities = ["push"]
"""


def test_hosts_come_in_the_files_order_then_the_server(certs):
    route = routed(certs(HUB), "debian:12")
    assert urls(route) == [
        "https://public.example/v2/library/debian?ns=docker.io",
        "http://inside.example:5000/cache/v2/library/debian?ns=docker.io",
        "https://old.example/v2/hub/library/debian?ns=docker.io",
        "https://registry-1.docker.io/v2/library/debian",
    ]
    assert [(e.tags, e.digests) for e in route.endpoints] == [(False, True), (True, True), (True, True), (True, True)]
    assert [e.registry for e in route.endpoints] == [
        "public.example", "inside.example:5000", "old.example", "docker.io",
    ]  # fmt: skip
    assert [e.connect_deadline for e in route.endpoints] == [None, 61.5, None, None]
    assert route.origin == route.endpoints[3]


def test_without_a_server_the_registry_is_last(certs):
    route = routed(certs('[host."https://m.example"]\n'), "debian:12")
    assert [e.host for e in route.endpoints] == ["m.example", "registry-1.docker.io"]
    assert (route.origin.scheme, route.origin.mirror) == ("", False)


def test_a_server_of_another_name_is_not_written(certs):
    route = routed(certs('server = "https://cache.example"\n', "_default"), "ghcr.io/team/app:1")
    assert [(e.host, e.mirror, e.namespace) for e in route.endpoints] == [("cache.example", True, "ghcr.io")]
    assert route.origin.host == "ghcr.io"


def test_a_registry_in_the_clear(certs):
    route = routed(certs('server = "http://reg.example:5000"\n', "reg.example_5000_"), "reg.example:5000/app:1")
    assert route.endpoints == (route.origin,)
    assert (route.origin.scheme, route.origin.mirror, route.origin.namespace) == ("http", False, "")


def test_what_makes_trust(certs):
    route = routed(
        certs(
            """
[host."https://a.example"]
  ca = "ca.crt"
  client = [["c.cert", "c.key"], ["whole.pem", ""], "alone.pem"]
[host."https://b.example"]
  ca = ["/etc/one.pem", "two.pem"]
  skip_verify = true
[host."https://c.example"]
  client = "me.pem"
[host."https://d.example"]
"""
        ),
        "debian",
    )
    at = route.said_by.rpartition("/")[0]
    shown = [e.trust and ([*map(str, e.trust.authorities)], [*map(str, sum(e.trust.certificates, ()))], e.trust.verify)
             for e in route.endpoints]  # fmt: skip
    both = [f"{at}/{name}" for name in ("c.cert", "c.key", "whole.pem", "whole.pem", "alone.pem", "alone.pem")]
    assert shown == [
        ([f"{at}/ca.crt"], both, True),
        (["/etc/one.pem", f"{at}/two.pem"], [], False),
        ([], [f"{at}/me.pem"] * 2, True),
        None,
        None,
    ]
    assert Trust() not in [e.trust for e in route.endpoints]


def test_headers(certs):
    text = '[host."https://a.example".header]\nx-one = "1"\nx-two = ["2", "3"]\n'
    assert routed(certs(text), "debian").endpoints[0].headers == (("x-one", "1"), ("x-two", "2"), ("x-two", "3"))


@pytest.mark.parametrize("name", ["reg.example_5000_", "reg.example:5000", "_default"])
def test_where_a_file_is_looked_for(certs, name):
    directory = certs('[host."https://m.example"]\n', name)
    assert routed(directory, "reg.example:5000/app").endpoints[0].host == "m.example"
    assert known_registries([directory]) == ([] if name == "_default" else ["reg.example:5000"])


def test_a_registrys_own_directory_hides_the_default(certs):
    directory = certs('[host."https://m.example"]\n', "_default")
    (directory / "reg.example").mkdir()
    assert routed(directory, "reg.example/app") is None
    assert routed(directory, "other.example/app")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("server =\n", "line 1", id="toml"),
        pytest.param("server = 1\n", "`server` is not a text", id="server"),
        pytest.param('server = "ftp://a.example"\n', "neither https:// nor http://", id="scheme"),
        pytest.param('host = "a"\n', "`host` is not a table", id="host"),
        pytest.param('[host."https://a b"]\n', "names no host", id="no-host"),
        pytest.param('[host."https://u:p@a.example"]\n', "holds a login", id="login"),
        pytest.param('[host]\n"https://a.example" = 1\n', "is not a table", id="no-table"),
        pytest.param('[host."https://a.example"]\ncapabilities = ["fly"]\n', "has `fly`, none of", id="ability"),
        pytest.param('[host."https://a.example"]\nca = 1\n', '`host."https://a.example".ca` is not a list', id="ca"),
        pytest.param('[host."https://a.example"]\nclient = [["a"]]\n', "neither a file nor a list", id="client"),
        pytest.param('[host."https://a.example"]\nclient = 5\n', "neither a file nor a list", id="client-type"),
        pytest.param('[host."https://a.example"]\nskip_verify = 1\n', "neither true nor false", id="skip"),
        pytest.param('[host."https://a.example"]\ndial_timeout = "soon"\n', "is no time such as", id="time"),
        pytest.param('[host."https://a.example".header]\nx = "a\\nb: c"\n', "cannot be sent", id="header"),
        pytest.param('[host."https://a.example".header]\n"x y" = "a"\n', "cannot be sent", id="header-name"),
    ],
)
def test_bad_files_are_refused_by_key(certs, text, message):
    with pytest.raises(UsageError) as caught:
        routed(certs(text), "debian")
    assert "hosts.toml" in caught.value.message
    assert message in caught.value.message
