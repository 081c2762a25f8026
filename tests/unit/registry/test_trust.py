"""Whom a connection believes: by host, by endpoint, across redirects."""

import socket
from dataclasses import replace

import pytest

from authorities import authority, speak_tls
from lissom.errors import RegistryError
from lissom.registry.endpoint import Endpoint
from lissom.registry.trust import Trust
from lissom.registry.wire.network import Network
from lissom.registry.wire.transport import Transport, read_document
from registry_server import redirect


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("theirs"))


@pytest.fixture(scope="module")
def pair(ours):
    return ours.issue("server")


@pytest.fixture
def secure(server, pair):
    speak_tls(server, pair)
    return server


def ask(transport, server, path="/v2/"):
    url = f"https://{server.host}{path}"
    return read_document(transport.request("GET", url, again=False), url, 1 << 20)


def transport(trusts=None, **fields):
    return Transport(Network(trusts=lambda host: (trusts or {}).get(host, Trust()), **fields))


def refused(transport, server, path="/v2/"):
    with pytest.raises(RegistryError) as caught:
        ask(transport, server, path)
    return caught.value.message


def test_loopback_is_believed_until_an_authority_is_named(secure, ours, theirs):
    assert ask(transport(), secure)
    assert ask(transport({secure.host: Trust((ours.certificate,))}), secure)
    wrong = transport({secure.host: Trust((theirs.certificate,))})
    assert refused(wrong, secure).endswith("TLS failed: the certificate cannot be verified")


def test_a_file_for_all_adds_to_the_hosts_own(secure, ours, theirs):
    own = {secure.host: Trust((theirs.certificate,))}
    assert ask(transport(own, ca_file=ours.certificate), secure)


def test_a_certificate_for_another_host(server, ours):
    speak_tls(server, ours.issue("elsewhere", "DNS:elsewhere.example"))
    assert "TLS failed: the certificate is for another host" in refused(
        transport({server.host: Trust((ours.certificate,))}), server
    )


def test_an_endpoints_trust_beats_the_networks(secure, ours, theirs):
    common = transport({secure.host: Trust((theirs.certificate,))})
    endpoint = Endpoint(secure.host, secure.host, "x", scheme="https", trust=Trust((ours.certificate,)))
    assert ask(common.towards(endpoint), secure)
    assert ask(common.towards(replace(endpoint, trust=Trust(verify=False))), secure)
    assert refused(common.towards(replace(endpoint, host="other.example")), secure)
    assert refused(common, secure)


def test_what_a_user_calls_insecure_is(secure, theirs):
    endpoint = Endpoint(secure.host, secure.host, "x", trust=Trust((theirs.certificate,)))
    assert ask(transport(insecure=frozenset({secure.host})).towards(endpoint), secure)


def test_a_redirect_is_checked_as_its_own_host(secure, other, ours, theirs):
    speak_tls(other, theirs.issue("other"))
    both = {secure.host: Trust((ours.certificate,)), other.host: Trust((theirs.certificate,))}
    for _ in range(2):
        secure.fail("GET", "/v2/", redirect(f"https://{other.host}/v2/"))
    assert ask(transport(both), secure)
    lax = Endpoint(secure.host, secure.host, "x", trust=Trust(verify=False))
    strict = {other.host: Trust((ours.certificate,))}
    assert f"`https://{other.host}/v2/`: TLS failed" in refused(transport(strict).towards(lax), secure)


def test_an_endpoints_headers_stay_with_its_host(server, other):
    headers = (("X-Secret", "s"), ("Authorization", "Basic eDp5"))
    endpoint = Endpoint(server.host, server.host, "x", scheme="http", headers=headers)
    server.fail("GET", "/v2/", redirect(f"http://{other.host}/v2/"))
    near = Transport(Network()).towards(endpoint)
    near.request("GET", f"http://{server.host}/v2/").close()
    assert server.state.seen[0].headers["X-Secret"] == "s"
    assert server.state.seen[0].headers["Authorization"] == "Basic eDp5"
    assert not {"X-Secret", "Authorization"} & {*other.state.seen[0].headers}


def test_a_login_beats_an_endpoints_header(server):
    endpoint = Endpoint(server.host, server.host, "x", headers=(("authorization", "Basic eDp5"),))
    near = Transport(Network()).towards(endpoint)
    near.request("GET", f"http://{server.host}/v2/", headers={"Authorization": "Bearer t"}).close()
    assert server.state.seen[0].headers["Authorization"] == "Bearer t"


def test_client_certificates(server, pair, ours, theirs):
    speak_tls(server, pair, clients=theirs.certificate)
    known = theirs.issue("me")
    trust = Trust((ours.certificate,), (known, ours.issue("me-too")))
    assert ask(transport({server.host: trust}), server)
    # The server's alert, which says so, may be lost when it hangs up on a request that is still on its way.
    assert "TLS failed" in (nobody := refused(transport({server.host: replace(trust, certificates=())}), server)) or (
        nobody.endswith("the connection was cut")
    )


def test_files_that_cannot_be_used(tmp_path, ours, pair):
    certificate, key = pair
    locked = tmp_path / "locked.key"
    locked.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    text = tmp_path / "text"
    text.write_text("no PEM")
    other = ours.issue("another")[1]
    none = tmp_path / "none"
    for trust, message in (
        (Trust((none,)), f"cannot read certificates `{none}`: No such file or directory"),
        (Trust((text,)), f"cannot read certificates `{text}`: there is no certificate in it"),
        (Trust((tmp_path,)), f"cannot read certificates `{tmp_path}`: "),
        (Trust(certificates=((certificate, none),)), f"cannot read the client certificate's `{none}`: No such file"),
        (Trust(certificates=((certificate, other),)), "the key is another certificate's"),
        (Trust(certificates=((text, key),)), f"cannot use the client certificate `{text}` with `{key}`: "),
        (Trust(certificates=((certificate, locked),)), "cannot use the client certificate"),
    ):
        with pytest.raises(RegistryError) as caught:
            transport({"a.example": trust}).send("GET", "https://a.example/", {})
        assert message in caught.value.message


def test_an_endpoints_deadline():
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())
        host = f"127.0.0.1:{full.getsockname()[1]}"
        endpoint = Endpoint(host, host, "x", connect_deadline=0.1)
        with pytest.raises(RegistryError, match=r"no connection within 0\.1 s"):
            Transport(Network(attempts=1)).towards(endpoint).request("GET", f"https://{host}/v2/")
