import socket
import threading

import pytest

from lissom.errors import UsageError
from lissom.registry.wire.network import Network
from lissom.registry.wire.pauses import Pauses
from lissom.registry.wire.proxies import Proxies
from lissom.registry.wire.transport import Transport, discard


@pytest.mark.parametrize(
    ("item", "url", "direct"),
    [
        ("*", "https://x.example/", True),
        ("a.example", "https://a.example/", True),
        ("a.example", "https://sub.a.example/", True),
        ("a.example", "https://xa.example/", False),
        (".a.example", "https://sub.a.example/", True),
        ("*.a.example", "https://sub.a.example/", True),
        ("A.Example", "https://a.example./", True),
        ("a.example:444", "https://a.example:444/", True),
        ("a.example:443", "https://a.example/", True),
        ("a.example:444", "https://a.example/", False),
        ("10.0.0.0/8", "https://10.1.2.3/", True),
        ("10.0.0.0/8", "https://11.1.2.3/", False),
        ("10.0.0.0/8", "https://ten.example/", False),
        ("10.1.2.3", "http://10.1.2.3:5000/", True),
        ("10.1.2.3:80", "http://10.1.2.3/", True),
        ("fd00::/8", "https://[fd00::1]/", True),
        ("fd00::1", "https://[fd00::1]:5000/", True),
        ("[fd00::1]:5000", "https://[fd00::1]:5000/", True),
        ("[fd00::1]:5000", "https://[fd00::1]/", False),
        ("10.0.0.0/99", "https://10.1.2.3/", False),
        (":5000", "https://a.example:5000/", False),
    ],
)
def test_what_is_reached_without(item, url, direct):
    proxies = Proxies.of({"all_proxy": "http://p:1", "no_proxy": f"other.example, {item}"})
    assert proxies.for_url(url) == (None if direct else "http://p:1")


@pytest.mark.parametrize("host", ["localhost", "a.localhost:5000", "127.0.0.1", "127.9.9.9:5000", "[::1]:5000"])
def test_loopback_is_reached_without(host):
    assert Proxies.of({"HTTPS_PROXY": "http://p:1"}).for_url(f"https://{host}/") is None


def test_variables():
    proxies = Proxies.of(
        {"https_proxy": "p:1", "HTTPS_PROXY": "http://q:1", "ALL_PROXY": "socks5h://r:1", "NO_PROXY": ""}
    )
    assert proxies.for_url("https://x.example/") == "http://p:1"
    assert proxies.for_url("http://x.example/") == "socks5h://r:1"
    assert Proxies.of({}).for_url("https://x.example/") is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "ftp://me:geheim@p:1",
            "cannot use proxy `ftp://p:1`: it is none of http, https, socks4, socks4a, socks5, socks5h",
        ),
        ("http://me:geheim@", "cannot use proxy `http://`: it names no host"),
        ("http://me:geheim@p:port", "cannot use the proxy that the environment names: its address cannot be read"),
    ],
)
def test_what_is_no_proxy(value, message):
    with pytest.raises(UsageError) as caught:
        Proxies.of({"https_proxy": value})
    assert caught.value.message == message
    assert "geheim" not in str(caught.value.__cause__)


def test_a_proxy_that_hangs_up_is_asked_again(slept):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            for answer in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"):
                with listener.accept()[0] as connection:
                    connection.recv(1 << 16)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        proxies = Proxies({"http": f"http://127.0.0.1:{listener.getsockname()[1]}"})
        transport = Transport(Network(proxies=proxies, pauses=Pauses(slept.append), attempts=2))
        response = transport.request("GET", "http://registry.test/v2/")
        assert (response.status, len(slept)) == (200, 1)
        discard(response)
        transport.close()
        thread.join()
