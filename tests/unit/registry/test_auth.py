import io
from contextlib import ExitStack

import pytest

from lissom.errors import RegistryError
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.logins.challenge import Challenge, joined_scopes, parse_challenges, repository_of
from lissom.registry.logins.login import Login
from lissom.registry.logins.tokens import ask_token
from lissom.registry.session import Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from lissom.registry.wire.transport import Transport
from registry_server import redirect, status

BLOB = Descriptor(LAYER_GZIP, Digest.of(b"data"), 4)


class Logins:
    def __init__(self, login):
        self.login = login
        self.asked = []

    def find(self, registry, repository=""):
        self.asked.append((registry, repository))
        return self.login


@pytest.fixture
def registry_with():
    network = Network(pauses=Pauses(lambda _: None), stall_deadline=1, attempts=2)
    with ExitStack() as stack:

        def make(server, login):
            session = stack.enter_context(Session(network, Logins(login)))
            return Registry(Reference.parse(f"{server.host}/app:1"), session)

        yield make


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ()),
        ("Basic", (Challenge("basic", ()),)),
        ('Basic realm="a b"', (Challenge("basic", (("realm", "a b"),)),)),
        (
            'Bearer realm="https://a/t",service="x",scope="repository:a/b:pull,push"',
            (Challenge("bearer", (("realm", "https://a/t"), ("service", "x"), ("scope", "repository:a/b:pull,push"))),),
        ),
        (
            'Negotiate, BEARER Realm = "x\\"y" , error=insufficient_scope, Basic realm=z',
            (
                Challenge("negotiate", ()),
                Challenge("bearer", (("realm", 'x"y'), ("error", "insufficient_scope"))),
                Challenge("basic", (("realm", "z"),)),
            ),
        ),
        ('=== "', ()),
    ],
)
def test_challenges_are_read(header, expected):
    assert parse_challenges(header) == expected


def test_basic(server, registry_with):
    server.state.auth, server.state.users = "basic", {"me": "secret"}
    app = registry_with(server, Login("me", "secret"))
    server.hold("app", b"data")
    assert app.open(BLOB).read() == b"data"
    assert app.has(BLOB.digest)
    assert [s.headers.get("Authorization") for s in server.asked("HEAD", "")] == ["Basic bWU6c2VjcmV0"]


def test_a_wrong_password_says_what_to_do(server, registry_with):
    server.state.auth, server.state.users = "basic", {"me": "secret"}
    with pytest.raises(RegistryError) as caught:
        registry_with(server, Login("me", "wrong")).open(BLOB)
    assert caught.value.message == (
        f"cannot GET `{server.url}/v2/app/blobs/{BLOB.digest}`: 401 Unauthorized: UNAUTHORIZED: authentication required"
    )
    assert caught.value.hint == f"log in with `lissom login {server.host}`"


def test_an_anonymous_token(server, registry_with):
    server.state.auth = "bearer"
    server.hold("app", b"data")
    assert registry_with(server, None).open(BLOB).read() == b"data"
    [asked] = server.asked("GET", "^/token")
    assert asked.path == "/token?service=test&scope=repository%3Aapp%3Apull"
    assert "Authorization" not in asked.headers


def test_a_token_is_asked_for_once_for_each_scope(server, registry_with):
    server.state.auth, server.state.users = "bearer", {"me": "secret"}
    app = registry_with(server, Login("me", "secret"))
    assert not app.has(BLOB.digest)
    app.put(BLOB, io.BytesIO(b"data"))
    app.put_manifest(b"{}", "application/vnd.oci.image.manifest.v1+json", Reference.parse(f"{server.host}/app:1"))
    assert app.open(BLOB).read() == b"data"
    asked = [s.path for s in server.asked("GET", "^/token")]
    assert asked == [
        "/token?service=test&scope=repository%3Aapp%3Apull&account=me",
        "/token?service=test&scope=repository%3Aapp%3Apull%2Cpush&account=me",
    ]


def test_a_token_that_ended_is_fetched_again(server, registry_with):
    server.state.auth = "bearer"
    server.hold("app", b"data")
    app = registry_with(server, None)
    app.open(BLOB).close()
    ended = f'Bearer realm="{server.url}/token",service="test",error="invalid_token"'
    server.fail("GET", "/blobs/", status(401, WWW_Authenticate=ended))
    assert app.open(BLOB).read() == b"data"
    assert len(server.asked("GET", "^/token")) == 2


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        ((), (), []),
        (("repository:a:pull",), ("repository:a:pull,push",), ["repository:a:pull,push"]),
        (("repository:a:pull,push",), ("repository:b:pull",), ["repository:a:pull,push", "repository:b:pull"]),
        (("registry:catalog:*",), ("odd", "odder"), ["odd", "odder", "registry:catalog:*"]),
    ],
    ids=["none", "wider", "two", "odd"],
)
def test_scopes_are_joined(one, other, joined):
    assert joined_scopes(one, other) == joined


def test_the_repository_of_scopes():
    assert repository_of({"repository:a/b:pull,push", "repository:z:pull"}) == "a/b"
    assert repository_of({"registry:catalog:*"}) == repository_of(()) == ""


def test_what_a_challenge_wants_beside_is_asked_for(server, registry_with):
    server.state.auth = "bearer"
    server.hold("app", b"data")
    more = f'Bearer realm="{server.url}/token",service="test",scope="repository:app:pull repository:base:pull"'
    server.fail("GET", "/blobs/", status(401, WWW_Authenticate=more))
    assert registry_with(server, None).open(BLOB).read() == b"data"
    [asked] = server.asked("GET", "^/token")
    assert asked.path.endswith("scope=repository%3Aapp%3Apull&scope=repository%3Abase%3Apull")


def test_once_asked_a_registry_is_told_at_once(server, registry_with):
    """No body is sent in vain."""
    server.state.auth, server.state.users = "bearer", {"me": "secret"}
    app = registry_with(server, Login("me", "secret"))
    assert not app.has_blob(BLOB.digest)
    app.put(BLOB, io.BytesIO(b"data"))
    assert all("Authorization" in seen.headers for seen in server.asked("POST", "") + server.asked("PUT", ""))


def test_a_login_is_asked_for_by_repository(server, registry_with):
    server.state.auth, server.state.users = "basic", {"me": "secret"}
    server.hold("app", b"data")
    app = registry_with(server, Login("me", "secret"))
    assert app.open(BLOB).read() == b"data"
    assert app._session.credentials.asked == [(server.host, "app")]


@pytest.mark.parametrize("life", ["1e999", "NaN", "-5", "1e18", "null"])
def test_odd_lives_of_tokens(server, life, registry_with):
    server.state.auth = "bearer"
    server.hold("app", b"data")
    body = b'{"access_token": "1_repository:app:pull", "expires_in": ' + life.encode() + b"}"
    server.fail("GET", "^/token", status(200, body))
    assert registry_with(server, None).open(BLOB).read() == b"data"


def test_a_refresh_token_buys_tokens(server, registry_with):
    server.state.auth, server.state.refresh = "bearer", "r3fresh"
    server.hold("app", b"data")
    assert registry_with(server, Login(identity_token="r3fresh")).open(BLOB).read() == b"data"
    assert len(server.asked("POST", "^/token$")) == 1
    assert not server.asked("GET", "^/token")


def test_a_server_without_refresh_tokens_is_asked_the_old_way(server, registry_with):
    server.state.auth, server.state.users = "bearer", {"me": "secret"}
    server.hold("app", b"data")
    server.fail("POST", "^/token", status(404))
    assert registry_with(server, Login("me", "secret", identity_token="x")).open(BLOB).read() == b"data"


def test_a_registry_token_is_used_as_it_is(server, registry_with):
    server.state.auth = "bearer"
    server.hold("app", b"data")
    assert registry_with(server, Login(registry_token="pull,push")).open(BLOB).read() == b"data"
    assert not server.asked("GET", "^/token")


def test_a_token_server_that_refuses(server, registry_with):
    server.state.auth, server.state.users = "bearer", {"me": "secret"}
    with pytest.raises(RegistryError) as caught:
        registry_with(server, Login("me", "wr0ng")).open(BLOB)
    assert caught.value.message == (
        f"cannot GET `{server.url}/token?…`: 401 Unauthorized: UNAUTHORIZED: wrong password"
    )
    assert caught.value.hint == f"log in with `lissom login {server.host}`"
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"<html>", "the token server's answer is not JSON"),
        (b"[]", "the token server's answer is not JSON"),
        (b"{}", "the token server's answer holds no token"),
        (b'{"token": "a\\r\\nX-Evil: 1"}', "the token server's answer holds no token"),
        (b" " * 70000, "the answer is longer than 65536 bytes"),
    ],
)
def test_a_token_server_that_talks_nonsense(server, body, cause, registry_with):
    server.state.auth = "bearer"
    server.fail("GET", "^/token", status(200, body))
    with pytest.raises(RegistryError) as caught:
        registry_with(server, None).open(BLOB)
    assert caught.value.message == f"cannot GET `{server.url}/token?…`: {cause}"


@pytest.mark.parametrize(
    ("realm", "cause"),
    [
        ("file:///etc/shadow", "its token server `file:///etc/shadow` is no web address"),
        ("", "its token server `` is no web address"),
    ],
)
def test_a_token_server_must_be_on_the_web(server, realm, cause, registry_with):
    server.fail("GET", "/blobs/", status(401, WWW_Authenticate=f'Bearer realm="{realm}"'))
    with pytest.raises(RegistryError) as caught:
        registry_with(server, None).open(BLOB)
    assert caught.value.message == (f"cannot log in at `{server.url}/v2/app/blobs/{BLOB.digest}`: {cause}")


@pytest.mark.parametrize(
    ("realm", "cause"),
    [
        ("http://auth.example/token", "its token server `http://auth.example/token` is not encrypted"),
        ("http://registry.example/token", "its token server `http://registry.example/token` is not encrypted"),
        ("https://[bad/token", "its token server `https://[bad/token` is no web address"),
        ("https://auth.example:port/", "its token server `https://auth.example:port/` is no web address"),
        ("javascript:alert(1)", "its token server `javascript:alert(1)` is no web address"),
    ],
    ids=["plain", "plain-here", "brackets", "port", "script"],
)
def test_no_login_goes_to_such_a_token_server(realm, cause):
    network = Network(addresses=lambda _: ("93.184.216.34",))
    with pytest.raises(RegistryError) as caught:
        asked_token(network, realm)
    assert caught.value.message == f"cannot log in at `https://registry.example/v2/`: {cause}"


@pytest.mark.parametrize(
    "realm", ["https://127.0.0.1/token", "https://inside.example/token", "https://[fd00::1]/token"]
)
def test_no_login_goes_to_a_token_server_inside(realm):
    network = Network(addresses=lambda name: {"registry.example": ("93.184.216.34",)}.get(name, ("10.0.0.1",)))
    with pytest.raises(RegistryError) as caught:
        asked_token(network, realm)
    assert caught.value.message.endswith(f"it points to `{realm}`, a private address")


def asked_token(network, realm):
    challenge = Challenge("bearer", (("realm", realm),))
    return ask_token(Transport(network), challenge, "https://registry.example/v2/", (), Login("me", "geheim"), hint="")


def test_an_upload_at_the_same_place_by_another_name(server, registry_with):
    """A port that goes without saying, or a host in capitals, is no other host."""
    server.state.auth, server.state.users = "basic", {"me": "secret"}
    server.state.uploads["u0"] = bytearray()
    app = registry_with(server, Login("me", "secret"))
    where = server.url.replace("http:", "HTTP:")
    server.fail("POST", "/uploads/", status(202, Location=f"{where}/v2/app/blobs/uploads/u0"))
    app.put(BLOB, io.BytesIO(b"data"))
    assert server.state.blobs[BLOB.digest] == b"data"


def test_credentials_stay_at_home_when_a_registry_redirects(server, other, registry_with):
    server.state.auth, server.state.users = "basic", {"me": "secret"}
    other.hold("app", b"data")
    app = registry_with(server, Login("me", "secret"))
    app.has_blob(BLOB.digest)
    server.fail("GET", "/blobs/", redirect(f"{other.url}/v2/app/blobs/{BLOB.digest}?X-Signature=geheim"))
    assert app.open(BLOB).read() == b"data"
    [seen] = other.asked("GET", "/blobs/")
    assert "Authorization" not in seen.headers


def test_only_the_registry_may_ask_who_we_are(server, other, registry_with):
    other.state.auth = "basic"
    app = registry_with(server, Login("me", "secret"))
    server.fail("GET", "/blobs/", redirect(f"{other.url}/v2/app/blobs/{BLOB.digest}?X-Signature=geheim"))
    with pytest.raises(RegistryError) as caught:
        app.open(BLOB)
    assert caught.value.message == (
        f"cannot GET `{other.url}/v2/app/blobs/{BLOB.digest}?…`: 401 Unauthorized: "
        "UNAUTHORIZED: authentication required"
    )
    assert all("Authorization" not in seen.headers for seen in other.state.seen)


def test_an_upload_elsewhere_gets_no_credentials(server, other, registry_with):
    server.state.auth, server.state.users = "basic", {"me": "secret"}
    other.state.uploads["u0"] = bytearray()
    app = registry_with(server, Login("me", "secret"))
    app.has_blob(BLOB.digest)
    server.fail("POST", "/uploads/", status(202, Location=f"{other.url}/v2/app/blobs/uploads/u0"))
    app.put(BLOB, io.BytesIO(b"data"))
    assert other.state.blobs[BLOB.digest] == b"data"
    assert all("Authorization" not in seen.headers for seen in other.state.seen)


def test_a_login_shows_no_password():
    assert repr(Login("me", "secret", "token", "token")) == "Login('me')"
