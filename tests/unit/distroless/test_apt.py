"""A signed archive, and what of it is not believed."""

import contextlib
import hashlib
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest

from lissom.distroless.archive.apt import Archive
from lissom.distroless.archive.deb import Deb
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.settings import AptSettings
from lissom.distroless.archive.sources import Source
from lissom.errors import IntegrityError, RegistryError
from unit.distroless.fake_archive import NOW


def opened(archive, tmp_path, *, now=NOW + 60, uri=None, **settings):
    source = Source(uri or f"file:{archive.root}", "bookworm", ("main",), (str(archive.keyring),))
    fetcher = Fetcher(AptSettings(**settings))
    return Archive([source], fetcher, tmp_path / "cache", now=now)


def fetch(archive, tmp_path, name="a", **options):
    opening = opened(archive, tmp_path, **options)
    package = opening.index("amd64").find(name)
    return opening.download([package])[name]


@pytest.mark.parametrize("detached", [False, True])
def test_a_signed_archive_gives_its_packages(archive, tmp_path, detached):
    archive.add("a", files={"./usr/share/a": b"hello"})
    archive.sign(detached=detached)
    deb = Deb.open(fetch(archive, tmp_path))
    assert deb.fields["Package"] == "a"
    assert deb.data(tmp_path).entries["usr/share/a"].content.open().read() == b"hello"


def test_a_stranger_s_signature_is_refused(archive, tmp_path):
    archive.sign(key="stranger@example")
    with pytest.raises(IntegrityError) as caught:
        opened(archive, tmp_path)
    name = f"file:{archive.root}/dists/bookworm/InRelease"
    assert caught.value.message == f"cannot trust `{name}`: it is not signed by a key of {archive.keyring}"


def test_a_changed_release_is_refused(archive, tmp_path):
    path = archive.sign()
    path.write_text(path.read_text().replace("Origin: Debian", "Origin: Devian"))
    with pytest.raises(IntegrityError, match="its signature does not fit its content"):
        opened(archive, tmp_path)


def test_text_outside_the_signature_is_not_read(archive, tmp_path):
    archive.add("a")
    path = archive.sign()
    path.write_text("Origin: Evil\n\n" + path.read_text())
    with contextlib.suppress(IntegrityError):  # newer verifiers refuse it altogether
        assert opened(archive, tmp_path).releases[0].fields["Origin"] == "Debian"


def test_an_unsigned_archive_is_refused(archive, tmp_path):
    archive.sign().unlink()
    with pytest.raises(RegistryError, match="it has no signed Release file"):
        opened(archive, tmp_path)


def test_an_expired_release_is_refused_unless_apt_says_so(archive, tmp_path):
    archive.release["Valid-Until"] = formatdate(NOW + 10, usegmt=True)
    archive.sign()
    with pytest.raises(IntegrityError, match="it was valid until Tue, 14 Nov 2023"):
        opened(archive, tmp_path)
    assert opened(archive, tmp_path, check_valid_until=False).date == NOW


def test_a_release_of_the_future_is_refused(archive, tmp_path):
    archive.sign()
    with pytest.raises(IntegrityError, match="is in the future"):
        opened(archive, tmp_path, now=NOW - 2 * 86400)


def test_another_suite_s_release_is_refused(archive, tmp_path):
    archive.release["Codename"] = "sid"
    archive.sign()
    with pytest.raises(IntegrityError, match="it is of `sid`, not of `bookworm`"):
        opened(archive, tmp_path)


def test_a_release_that_names_no_suite_is_believed(archive, tmp_path):
    archive.release["Codename"] = ""
    archive.sign()
    assert opened(archive, tmp_path).date == NOW


def test_runs_side_by_side_share_a_cache(archive, tmp_path):
    archive.add("a")
    archive.sign()
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(fetch, archive, tmp_path) for _ in range(16)]
    assert len({one.result() for one in found}) == 1
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.suffix in (".part", ".lock", ".gz")]


def test_a_tampered_index_is_refused(archive, tmp_path):
    archive.add("a")
    archive.sign()
    index = archive.root / "dists/bookworm/main/binary-amd64/Packages.gz"
    good = index.read_bytes()
    index.write_bytes(good[:-1] + b"!")
    with pytest.raises(IntegrityError, match="wanted sha256"):
        opened(archive, tmp_path).index("amd64")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    index.write_bytes(good)
    assert opened(archive, tmp_path).index("amd64").find("a")


def test_a_tampered_package_is_refused_and_the_cache_unharmed(archive, tmp_path):
    path = archive.add("a")
    archive.sign()
    good = path.read_bytes()
    path.write_bytes(good.replace(b"2.0\n", b"2.1\n"))
    with pytest.raises(IntegrityError) as caught:
        fetch(archive, tmp_path)
    wanted, got = (hashlib.sha256(data).hexdigest() for data in (good, path.read_bytes()))
    size = len(good)
    assert caught.value.message == (
        f"cannot use `file:{archive.root}/pool/a_1.deb`: wanted sha256 {wanted} and {size} bytes, got {got} and {size}"
    )
    path.write_bytes(good)
    assert fetch(archive, tmp_path).read_bytes() == good


def test_a_damaged_cache_is_healed(archive, tmp_path):
    good = archive.add("a").read_bytes()
    archive.sign()
    kept = fetch(archive, tmp_path)
    kept.write_bytes(b"x" * len(good))
    assert fetch(archive, tmp_path).read_bytes() == good


def test_a_package_that_leaves_the_root_is_refused(archive, tmp_path):
    archive.add("a", files={"../../evil": b""})
    archive.sign()
    with pytest.raises(IntegrityError, match=r"cannot read `\.\./\.\./evil` of a_\w+\.deb data\.tar"):
        Deb.open(fetch(archive, tmp_path)).data(tmp_path)


def test_no_debian_package(tmp_path):
    (tmp_path / "x.deb").write_bytes(b"PK\3\4")
    with pytest.raises(IntegrityError, match=r"cannot read `x\.deb`: it is no Debian package"):
        Deb.open(tmp_path / "x.deb")


def test_settings_are_read_from_apt():
    dump = 'Acquire::http::Proxy "http://p:1";\nAcquire::Check-Valid-Until "false";\n'
    settings = AptSettings.parse(dump, {"https_proxy": "http://q:2"})
    assert settings.proxies == {"http": "http://p:1", "https": "http://q:2"}
    assert not settings.check_valid_until
    assert settings.proxy_for("http", "a.example") == "http://p:1"


def test_some_hosts_are_reached_without_a_proxy():
    dump = 'Acquire::http::Proxy "http://p:1";\nAcquire::http::Proxy::own.example "DIRECT";\n'
    settings = AptSettings.parse(dump, {"no_proxy": ".corp.example, other.example"})
    hosts = ("a.corp.example", "corp.example", "other.example", "own.example", "x.own.example")
    assert [settings.proxy_for("http", host) for host in hosts] == [None] * 5
    assert settings.proxy_for("http", "another.example") == "http://p:1"
    assert AptSettings.parse(dump, {"no_proxy": "*"}).proxy_for("http", "another.example") is None


def test_settings_are_apts():
    settings = AptSettings.parse('Acquire::Check-Date "0";\n', {})
    assert settings.check_valid_until
    assert not settings.check_date


def test_a_proxy_is_asked_with_its_password(archive, mirrors, tmp_path):
    archive.add("a")
    archive.sign()
    mirror = mirrors()
    proxy = mirror.uri.replace("//", "//me:secret@")
    mirror.translated = lambda path: path.removeprefix("http://far.example")
    assert fetch(archive, tmp_path, uri="http://far.example", proxies={"http": proxy}).is_file()
    assert mirror.asked[0] == "http://far.example/dists/bookworm/InRelease"
    assert mirror.headers[0]["Proxy-Authorization"] == "Basic bWU6c2VjcmV0"


def test_a_password_is_sent_and_not_shown(archive, mirrors, tmp_path):
    archive.add("a")
    archive.sign()
    mirror = mirrors()
    uri = mirror.uri.replace("//", "//me:secret@")
    assert fetch(archive, tmp_path, uri=uri).is_file()
    assert {headers["Authorization"] for headers in mirror.headers} == {"Basic bWU6c2VjcmV0"}
    archive.release["Codename"] = "sid"
    archive.sign()
    with pytest.raises(IntegrityError) as caught:
        opened(archive, tmp_path, uri=uri)
    assert "secret" not in caught.value.message
