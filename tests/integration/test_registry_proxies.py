"""docker-registry behind TLS of a private authority, reached by proxies: no name here is known to any resolver."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from authorities import Authority
from authorities import authority as authority_in
from connect_proxy import Proxy, http_proxy, socks_proxy
from lissom_runs import Lissom, lissom_of, passed, small_layout
from oracle.registry import running

pytestmark = [
    pytest.mark.registry,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

NAME = "registry.test"


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return authority_in(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory, authority) -> Iterator[str]:
    """A registry that shows a certificate for ``registry.test``."""
    own = authority.issue("registry", f"DNS:{NAME}")
    with running(tmp_path_factory.mktemp("secure"), _tls(own)) as host:
        yield host


def _tls(own: tuple[Path, Path], more: str = "") -> str:
    return f"  tls: {{certificate: {own[0]}, key: {own[1]}{more}}}\n"


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("plain")) as host:
        yield host


@pytest.fixture
def proxy(secure, plain) -> Iterator[Proxy]:
    with http_proxy({f"{NAME}:443": secure, "plain.test:5000": plain, "plain.test:80": plain}) as made:
        yield made


@pytest.fixture
def lissom(tmp_path) -> Lissom:
    return lissom_of(tmp_path)


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> str:
    return f"oci:{small_layout(tmp_path_factory.mktemp('image'))}"


def test_a_private_authority_by_flag_environment_and_folder(proxy, lissom, image, authority, tmp_path):
    app, by = f"docker://{NAME}/app:1", {"HTTPS_PROXY": f"http://{proxy.address}"}
    digest = passed(lissom("copy", image, app, "--ca-file", str(authority.certificate), **by))
    assert passed(lissom("pull", f"{NAME}/app:1", SSL_CERT_FILE=str(authority.certificate), **by)) == digest
    folder = tmp_path / "home" / ".config" / "containers" / "certs.d" / NAME
    folder.mkdir(parents=True)
    shutil.copy(authority.certificate, folder / "ca.crt")
    assert passed(lissom("copy", app, f"oci:{tmp_path}/out:1", **by)) == digest
    assert set(proxy.asked) == {f"CONNECT {NAME}:443"}


def test_a_certificate_nobody_vouches_for(proxy, lissom, image):
    app, by = f"docker://{NAME}/unknown:1", {"https_proxy": proxy.address}
    refused = lissom("copy", image, app, **by)
    assert refused.returncode == 4
    assert "TLS failed: the certificate cannot be verified" in refused.stderr
    assert "hint: name the authority's certificate with --ca-file" in refused.stderr
    passed(lissom("copy", image, app, "--insecure-registry", NAME, **by))


def test_a_client_certificate(tmp_path, tmp_path_factory, authority, lissom, image):
    """The registry wants to see one; certs.d holds it, as docker and podman have it."""
    own, mine = authority.issue("mutual", f"DNS:{NAME}"), authority.issue("me")
    folder = tmp_path / "home" / ".config" / "containers" / "certs.d" / NAME
    folder.mkdir(parents=True)
    shutil.copy(authority.certificate, folder / "ca.crt")
    settings = _tls(own, f", clientcas: [{authority.certificate}]")
    with (
        running(tmp_path_factory.mktemp("mutual"), settings) as host,
        http_proxy({f"{NAME}:443": host}) as proxy,
    ):
        by = {"HTTPS_PROXY": f"http://{proxy.address}"}
        refused = lissom("copy", image, f"docker://{NAME}/app:1", **by)
        assert refused.returncode == 4
        shutil.copy(mine[0], folder / "client.cert")
        shutil.copy(mine[1], folder / "client.key")
        passed(lissom("copy", image, f"docker://{NAME}/app:1", **by))
        passed(lissom("login", NAME, "-u", "me", "--password-stdin", stdin="any", **by))


def test_a_proxy_with_a_login(proxy, lissom, image, authority):
    app, flags = f"docker://{NAME}/login:1", ("--ca-file", str(authority.certificate))
    proxy.login = "us:er@pr0xy"  # a name with what must be escaped in an address
    refused = lissom("copy", image, app, *flags, HTTPS_PROXY=f"http://{proxy.address}")
    assert refused.returncode == 4
    where = f"error: cannot HEAD `https://{NAME}/v2/"
    assert refused.stderr.startswith(where)
    assert f": the proxy `http://{proxy.address}` wants a login\n" in refused.stderr
    assert len(proxy.asked) <= 2  # it is not asked again and again
    proxy.login = "user:pr0xy@w0rd"
    wrong = lissom("copy", image, app, *flags, HTTPS_PROXY=f"http://user:gu3ss@{proxy.address}")
    assert f": the proxy `http://{proxy.address}` refuses the login of `user`\n" in wrong.stderr
    assert "gu3ss" not in wrong.stderr
    passed(lissom("copy", image, app, *flags, HTTPS_PROXY=f"http://user:pr0xy%40w0rd@{proxy.address}"))


def test_a_proxy_for_hosts_without_tls(proxy, lissom, image):
    """Such a request goes to the proxy whole; its login goes along, and no further."""
    proxy.login = "user:pr0xyw0rd"
    by = {
        "HTTP_PROXY": f"http://user:pr0xyw0rd@{proxy.address}",
        "HTTPS_PROXY": f"http://user:pr0xyw0rd@{proxy.address}",
    }
    app = "docker://plain.test:5000/app:1"
    passed(lissom("copy", image, app, "--insecure-registry", "plain.test:5000", **by))
    assert any(one.startswith("PUT http://plain.test:5000/v2/app/manifests/1") for one in proxy.asked)
    refused = lissom("copy", image, app, "--insecure-registry", "plain.test:5000", HTTP_PROXY=f"http://{proxy.address}")
    assert f"the proxy `http://{proxy.address}` wants a login" in refused.stderr


def test_a_proxy_that_speaks_tls(secure, authority, lissom, image):
    own = authority.issue("proxy", "IP:127.0.0.1")
    with http_proxy({f"{NAME}:443": secure}, login="user:pr0xyw0rd", tls=own) as proxy:
        by = {"HTTPS_PROXY": f"https://user:pr0xyw0rd@{proxy.address}"}
        passed(lissom("copy", image, f"docker://{NAME}/tls:1", "--ca-file", str(authority.certificate), **by))
        assert proxy.asked


def test_a_socks_proxy(secure, authority, lissom, image):
    pytest.importorskip("socks")
    with socks_proxy({f"{NAME}:443": secure}, login="user:pr0xyw0rd") as proxy:
        flags = ("--ca-file", str(authority.certificate))
        passed(
            lissom(
                "copy", image, f"docker://{NAME}/socks:1", *flags, ALL_PROXY=f"socks5h://user:pr0xyw0rd@{proxy.address}"
            )
        )
        assert set(proxy.asked) == {f"{NAME}:443"}
        wrong = lissom(
            "copy", image, f"docker://{NAME}/socks:1", *flags, ALL_PROXY=f"socks5h://user:gu3ss@{proxy.address}"
        )
        assert wrong.returncode == 4
        assert "gu3ss" not in wrong.stderr
        assert f": the proxy `socks5h://{proxy.address}` refuses the login of `user`\n" in wrong.stderr


@pytest.mark.parametrize(
    ("status", "cause"),
    [(403, "answered 403"), (503, "answered 503")],
    ids=["forbidden", "busy"],
)
def test_a_proxy_that_refuses(proxy, lissom, image, status, cause):
    proxy.status = status
    done = lissom("pull", f"{NAME}/app:1", HTTPS_PROXY=f"http://{proxy.address}")
    assert done.returncode == 4
    assert f": the proxy `http://{proxy.address}` {cause}\n" in done.stderr
    assert (len(proxy.asked) > 1) is (status == 503)


def test_a_proxy_that_is_not_there(lissom):
    done = lissom("pull", f"{NAME}/app:1", HTTPS_PROXY="http://user:pr0xyw0rd@127.0.0.1:9")
    assert done.returncode == 4
    assert ": the proxy `http://127.0.0.1:9`: connection refused\n" in done.stderr


def test_hosts_without_the_proxy(proxy, lissom, plain, image):
    passed(lissom("copy", image, f"docker://{plain}/direct:1", ALL_PROXY=f"http://{proxy.address}"))
    done = lissom("pull", f"{NAME}/app:1", ALL_PROXY=f"http://{proxy.address}", NO_PROXY="other.test, .test")
    assert "the host name cannot be resolved" in done.stderr
    assert not proxy.asked


def test_a_proxy_that_is_none(lissom):
    done = lissom("pull", f"{NAME}/app:1", https_proxy="gopher://user:pr0xyw0rd@p:1")
    assert done.returncode == 2
    assert "cannot use proxy `gopher://p:1`" in done.stderr


@pytest.mark.root
def test_add_uses_the_proxy(proxy, authority, lissom, tmp_path):
    """What ADD names, and where that redirects to, is reached as registries are."""
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(
        f"FROM scratch\nADD https://{NAME}/v2/ /secure\nADD http://plain.test/v2 /plain\n"
    )
    proxy.login = "user:pr0xy-w0rd"
    where = f"http://user:pr0xy-w0rd@{proxy.address}"
    flags = ("build", "-t", "added:1", "--ca-file", str(authority.certificate), str(context))
    assert lissom(*flags, HTTPS_PROXY=where, HTTP_PROXY=where).returncode == 0
    assert set(proxy.asked) >= {f"CONNECT {NAME}:443", "GET http://plain.test/v2", "GET http://plain.test/v2/"}
    refused = lissom(*flags, HTTPS_PROXY=f"http://user:gu3ss@{proxy.address}")
    assert refused.returncode == 3
    assert f"cannot download `https://{NAME}/v2/`: " in refused.stderr
    assert "407" in refused.stderr
    assert "gu3ss" not in refused.stderr
