import time
from email.utils import formatdate

import pytest

from lissom.errors import RegistryError
from lissom.registry.wire.network import Network, host_of, is_loopback, is_private, shown, wait_asked
from lissom.registry.wire.transport import Transport

PUBLIC = {"registry.example": ("93.184.216.34",), "inside.example": ("10.0.0.7",), "cdn.example": ("93.184.216.35",)}


@pytest.fixture
def transport():
    return Transport(Network(addresses=lambda name: PUBLIC.get(name, ())))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("LOCALHOST:5000", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.8.7:1", True),
        ("[::1]:5000", True),
        ("[::1]", True),
        ("128.0.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("example", False),
    ],
)
def test_loopback(host, loopback):
    assert is_loopback(host) is loopback
    assert Network().may_be_plain(host) is loopback


def test_insecure_hosts_are_listed():
    network = Network(insecure=frozenset({"a.example", "b.example:5000"}))
    assert network.may_be_plain("a.example:5000")
    assert network.may_be_plain("b.example:5000")
    assert not network.may_be_plain("b.example:5001")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://me:pw@a.example:1/x?sig=1&b=2", "https://a.example:1/x?…"),
        ("https://a/x#frag", "https://a/x"),
        ("http://[::1]:5/", "http://[::1]:5/"),
    ],
)
def test_shown_urls_hold_no_secrets(url, text):
    assert shown(url) == text


def test_retry_after():
    assert wait_asked("3") == 3
    assert wait_asked("-3") == 0
    assert wait_asked("soon") is None
    assert wait_asked("12.5µs") is None
    assert wait_asked(None) is None
    assert 50 < wait_asked(formatdate(time.time() + 60, usegmt=True)) <= 60


def test_back_off_doubles_with_jitter():
    assert all(0.25 <= Network().back_off(1) <= 0.5 for _ in range(20))
    assert all(4 <= Network().back_off(5) <= 8 for _ in range(20))
    assert Network().back_off(50) <= 15


def test_private_addresses():
    network = Network(addresses=lambda name: PUBLIC.get(name, ()))
    assert is_private(network, "169.254.169.254")
    assert is_private(network, "fe80::1")
    assert is_private(network, "::ffff:127.0.0.1")
    assert is_private(network, "inside.example")
    assert not is_private(network, "registry.example")
    assert not is_private(network, "unknown.example")


@pytest.mark.parametrize(
    "target", ["https://169.254.169.254/latest?x=1", "https://inside.example/", "https://[::1]/", "https://127.0.0.1/"]
)
def test_a_public_registry_must_not_point_inside(transport, target):
    with pytest.raises(RegistryError) as caught:
        transport.next_hop("GET", "https://registry.example/v2/a?token=1", target)
    assert caught.value.message == (
        f"cannot GET `https://registry.example/v2/a?…`: it points to `{shown(target)}`, a private address"
    )
    assert caught.value.hint == "a public registry has no business there; somebody may be probing your network"


def test_other_hops(transport):
    here = "https://registry.example/v2/a"
    assert transport.next_hop("GET", here, "../b?c=d") == "https://registry.example/b?c=d"
    assert transport.next_hop("GET", here, "https://cdn.example/x") == "https://cdn.example/x"
    assert transport.next_hop("GET", "https://inside.example/", "https://10.0.0.8/") == "https://10.0.0.8/"


@pytest.mark.parametrize("target", ["http://cdn.example/x", "http://registry.example/x"])
def test_tls_is_not_given_up(transport, target):
    with pytest.raises(RegistryError) as caught:
        transport.next_hop("GET", "https://registry.example/v2/a", target)
    assert caught.value.message == (
        f"cannot GET `https://registry.example/v2/a`: it redirects to `{target}`, which is not encrypted"
    )


def test_host_of():
    assert host_of("[::1]:5000") == "::1"
    assert host_of("A.example:1") == "a.example"
