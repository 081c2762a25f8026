"""Archives and mirrors that mean ill, or are broken: refused with a clear error, and the cache is none the worse."""

import gzip
import io
import lzma
import os
import socket
import tarfile
import time
from email.utils import formatdate

import pytest

from lissom.distroless.archive import deb as deb_module
from lissom.distroless.archive.apt import Archive
from lissom.distroless.archive.control import Package
from lissom.distroless.archive.deb import Deb
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.kept import Kept
from lissom.distroless.archive.settings import AptSettings
from lissom.distroless.archive.sources import Source
from lissom.distroless.archive.table import Table
from lissom.distroless.supply.choice import Chosen
from lissom.distroless.supply.supply import supplied
from lissom.errors import IntegrityError, LissomError, RegistryError
from unit.distroless.fake_archive import NOW, FakeArchive
from unit.distroless.fake_mirror import Fault

INDEX = "dists/bookworm/main/binary-amd64"


class Client:
    """Fetches packages of mirrors into one cache, each time as a process of its own would."""

    def __init__(self, archive, cache):
        self.keys = (str(archive.keyring),)
        self.cache = cache
        self.said = []

    def fetch(self, *uris, names=("a",)):
        source = Source(uris[0], "bookworm", ("main",), self.keys, mirrors=uris[1:])
        fetcher = Fetcher(AptSettings(stall=0.3), self.said.append, Kept(self.cache / "releases"))
        try:
            archive = Archive([source], fetcher, self.cache, now=NOW + 60)
            index = archive.index("amd64")
            return archive.download([index.find(name) for name in names])
        finally:
            fetcher.close()

    def failing(self, *uris, names=("a",)):
        with pytest.raises(LissomError) as caught:
            self.fetch(*uris, names=names)
        return caught.value


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch):
    monkeypatch.setattr("lissom.distroless.archive.connections._BACKOFF", 0)


@pytest.fixture
def client(archive, tmp_path):
    return Client(archive, tmp_path / "cache")


@pytest.fixture
def mirror(archive, mirrors):
    """A good mirror of two packages."""
    archive.add("a", files={"./usr/share/a": bytes(range(256)) * 4000})
    archive.add("b")
    archive.sign()
    return mirrors()


def left_over(client):
    return sorted(path.name for path in client.cache.rglob("*") if path.suffix in (".lock", ".part", ".gz", ".xz"))


def verified(mirror, client):
    """A good run in the end; what it asked for."""
    mirror.faults.clear()
    mirror.asked.clear()
    assert Deb.open(client.fetch(mirror.uri)["a"]).fields["Package"] == "a"
    assert left_over(client) == []
    return mirror.asked


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("part", ["/InRelease", "/Packages.gz", "/pool/a"])
def test_what_breaks_off_is_taken_up_again(mirror, client, part, how):
    mirror.faults = [Fault(part, after=20, how=how, times=1)]
    assert client.fetch(mirror.uri)["a"].stat().st_size > 20
    assert verified(mirror, client) == ["/dists/bookworm/InRelease"]


@pytest.mark.parametrize("part", ["/InRelease", "/Packages.gz", "/pool/a"])
def test_a_mirror_that_stalls_in_the_middle_is_given_up(mirror, client, part):
    mirror.faults = [Fault(part, after=20, how="stall")]
    error = client.failing(mirror.uri)
    assert isinstance(error, RegistryError)
    assert error.message.startswith(f"cannot fetch `{mirror.uri}/")
    assert error.message.endswith("the mirror sent nothing for 0.3 s")
    asked = verified(mirror, client)
    assert (f"/{INDEX}/Packages.gz" in asked) is (part != "/pool/a"), "what was verified is not fetched again"


@pytest.mark.parametrize("part", ["/InRelease", "/Packages.gz", "/pool/a"])
@pytest.mark.parametrize(
    "fault",
    [{"status": 404}, {"status": 403}, {"status": 503}, {"after": 20, "how": "stall"}, {"after": 20, "how": "reset"}],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_another_mirror_takes_over(mirror, mirrors, client, part, fault):
    bad = mirrors()
    bad.faults = [Fault(part, **fault)]
    assert client.fetch(bad.uri, mirror.uri)["a"].is_file()
    assert any(part in path for path in mirror.asked)
    assert verified(mirror, client) == ["/dists/bookworm/InRelease"]


def test_a_host_that_failed_is_asked_last(mirror, mirrors, client):
    bad = mirrors()
    bad.faults = [Fault("/InRelease", after=20, how="stall")]
    client.fetch(bad.uri, mirror.uri, names=("a", "b"))
    assert bad.asked == ["/dists/bookworm/InRelease"]


def test_what_has_not_changed_is_not_sent_again(mirror, client, archive):
    client.fetch(mirror.uri)
    assert mirror.unchanged == []
    client.fetch(mirror.uri)
    assert mirror.unchanged == ["/dists/bookworm/InRelease"]
    for path in (client.cache / "releases").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    client.fetch(mirror.uri)
    assert mirror.unchanged == ["/dists/bookworm/InRelease"], "what is damaged does not count"
    archive.add("c")
    release = archive.sign()
    os.utime(release, (time.time() + 10,) * 2)
    assert client.fetch(mirror.uri, names=("c",))["c"].is_file()


def test_a_storm_of_errors_ends(mirror, client):
    mirror.faults = [Fault("/pool/a", status=503)]
    error = client.failing(mirror.uri)
    assert error.message == f"cannot fetch `{mirror.uri}/pool/a_1.deb`: status 503"
    assert mirror.asked.count("/pool/a_1.deb") == 5
    assert verified(mirror, client) == ["/dists/bookworm/InRelease", "/pool/a_1.deb"]


def test_an_error_that_passes_is_waited_out(mirror, client):
    mirror.faults = [Fault("/pool/a", status=502, times=2)]
    assert client.fetch(mirror.uri)["a"].is_file()


def test_nobody_there(client):
    error = client.failing("http://127.0.0.1:1")
    assert error.message == "cannot fetch `http://127.0.0.1:1/dists/bookworm/InRelease`: Connection refused"


def test_nobody_answers(client):
    with socket.socket() as silent, socket.socket() as waiting:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        waiting.connect(silent.getsockname())  # there is no room for another one
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert client.failing(uri).message.startswith(f"cannot fetch `{uri}/dists/bookworm/InRelease`: ")


def test_a_stale_mirror_gives_way_to_a_fresh_one(mirror, mirrors, archive, client, tmp_path):
    stale = FakeArchive.create(tmp_path / "stale", archive.home)
    stale.release["Valid-Until"] = formatdate(NOW, usegmt=True)
    stale.sign()
    assert client.fetch(mirrors(stale.root).uri, mirror.uri)["a"].is_file()
    assert "it was valid until" in client.said[0].message


def test_a_mirror_in_the_middle_of_an_update(archive, mirrors, client):
    """The Release file is of before, the index of after; by its hash the one of before is still there."""
    archive.release["Acquire-By-Hash"] = "yes"
    archive.add("a")
    release = archive.sign()
    before = release.read_bytes()
    archive.add("b")
    archive.sign()
    release.write_bytes(before)
    mirror = mirrors()
    assert client.fetch(mirror.uri)["a"].is_file()
    assert any("/by-hash/SHA256/" in path for path in mirror.asked)


def test_an_update_that_is_over_a_moment_later(archive, mirrors, client):
    archive.add("a")
    release = archive.sign()
    before = release.read_bytes()
    archive.add("b")
    archive.sign()
    mirror = mirrors()
    after = release.read_bytes()

    def fault(path):
        old = len(mirror.asked) == 1
        release.write_bytes(before if old else after)
        os.utime(release, (NOW, NOW + (0 if old else 60)))

    mirror.fault = fault
    assert client.fetch(mirror.uri, names=("b",))["b"].is_file()
    assert mirror.asked.count("/dists/bookworm/InRelease") == 2


def test_an_update_that_is_not_over(archive, mirrors, client):
    archive.add("a")
    release = archive.sign()
    before = release.read_bytes()
    archive.add("b")
    archive.sign()
    release.write_bytes(before)
    error = client.failing(mirrors().uri)
    assert isinstance(error, IntegrityError)
    assert "/Packages.gz`: wanted sha256" in error.message


FIELDS = {
    "leaves the archive": ({"Filename": "../../etc/passwd"}, "`../../etc/passwd` is no Filename"),
    "leaves it later": ({"Filename": "pool/../../../x"}, "is no Filename"),
    "an absolute path": ({"Filename": "/etc/passwd"}, "`/etc/passwd` is no Filename"),
    "a space": ({"Filename": "pool/a b"}, "is no Filename"),
    "a huge size": ({"Size": "99999999999999999999"}, "`99999999999999999999` is no Size"),
    "a negative size": ({"Size": "-1"}, "`-1` is no Size"),
    "no hash": ({"SHA256": "00"}, "`00` is no Sha256"),
    "no hash at all": ({"SHA256": ""}, "it has no Sha256 field"),
    "a version that is a path": ({"Version": "../1"}, "`../1` is no Version"),
    "an architecture that is a path": ({"Architecture": "all", "Version": "1/../../x"}, "is no Version"),
}


@pytest.mark.parametrize("summary", FIELDS)
def test_an_index_that_means_ill(archive, mirrors, client, summary):
    changes, cause = FIELDS[summary]
    archive.add("a")
    lines = dict(line.split(": ", 1) for line in archive.packages[0].splitlines())
    archive.packages = ["".join(f"{name}: {value}\n" for name, value in (lines | changes).items())]
    archive.sign()
    mirror = mirrors()
    error = client.failing(mirror.uri)
    assert isinstance(error, IntegrityError)
    assert error.message.startswith(f"cannot use package `a` of {mirror.uri}: ")
    assert cause in error.message


def test_a_name_that_is_a_path_is_not_found_by_it():
    table = Table.of(b"Package: ../../x\nVersion: 1\n\nPackage: a\nVersion: 1\nProvides: ../../y, b\n")
    assert table.providers("b") == ["a"]
    assert table.providers("../../y") == []
    assert table.names() == ["../../x", "a"]


class Squeezed(FakeArchive):
    """Its index is but in one form."""

    def forms(self, plain):
        return {self.name: self.squeezed}


@pytest.fixture
def squeezed(mirrors, tmp_path, gpg_home, monkeypatch):
    """Mirrors of archives with but one index of this name and content, where an index has 999 bytes at most."""
    monkeypatch.setattr("lissom.distroless.archive.packages_file._LARGEST", 999)

    def start(name, data):
        archive = Squeezed.create(tmp_path / "squeezed", gpg_home)
        archive.name, archive.squeezed = name, data
        archive.sign()
        return mirrors(archive.root)

    return start


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("Packages.xz", lzma.compress(bytes(1000)), "it unpacks to more than 999 bytes"),
        ("Packages.gz", gzip.compress(bytes(1000)), "it unpacks to more than 999 bytes"),
        ("Packages.xz", lzma.compress(b"x" * 100)[:-30], "it ends too early"),
        ("Packages.gz", gzip.compress(b"x" * 100)[:-3], "it ends too early"),
        ("Packages.xz", b"no such thing", "Input format not supported"),
        ("Packages.gz", b"no such thing", "incorrect header check"),
    ],
    ids=["large xz", "large gz", "short xz", "short gz", "no xz", "no gz"],
)
def test_an_index_that_unpacks_to_what_it_should_not(squeezed, client, name, data, cause):
    mirror = squeezed(name, data)
    error = client.failing(mirror.uri)
    assert isinstance(error, IntegrityError)
    assert error.message.startswith(f"cannot read `{mirror.uri}/{INDEX}/{name}`: ")
    assert cause in error.message


def test_an_index_of_a_size_that_none_has(archive, mirrors, client, monkeypatch):
    monkeypatch.setattr("lissom.distroless.archive.packages_file._LARGEST", 10)
    archive.add("a")
    archive.sign()
    mirror = mirrors()
    assert "bytes are more than an index has" in client.failing(mirror.uri).message
    assert not any("Packages" in path for path in mirror.asked)


def test_a_file_that_is_longer_than_it_should_be_is_not_read_to_its_end(mirror, client, archive):
    deb = archive.root / "pool/a_1.deb"
    size = deb.stat().st_size
    with deb.open("ab") as file:
        file.truncate(size + (64 << 20))
    assert client.failing(mirror.uri).message.endswith(f" and more than {size}")
    assert left_over(client) == []


def test_a_package_that_is_another_than_its_index_says(archive, tmp_path):
    path = archive.add("a")
    deb = Deb.open(path)
    assert deb.fields["Package"] == "a"
    index = {"Package": "b", "Version": "1", "Architecture": "all", "Filename": "f", "Size": "1", "Sha256": "0"}
    with pytest.raises(IntegrityError, match="cannot use `b 1`: its file is of Package `a`"):
        supplied("amd64", [Chosen(Package(index))], {"b": path}, NOW, ())


def ar(*members):
    out = b"!<arch>\n"
    for name, data in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def tar(*members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as file:
        for name, kind, data in members:
            member = tarfile.TarInfo(name)
            member.type, member.size = kind, len(data) if kind == tarfile.REGTYPE else 0
            member.devmajor = member.devminor = 1
            member.linkname = data.decode() if kind != tarfile.REGTYPE else ""
            file.addfile(member, io.BytesIO(data) if kind == tarfile.REGTYPE else None)
    return out.getvalue()


CONTROL = ("control.tar", tar(("./control", tarfile.REGTYPE, b"Package: a\n")))
BINARY = ("debian-binary", b"2.0\n")


@pytest.mark.parametrize(
    ("members", "cause"),
    [
        ([("./../evil", tarfile.REGTYPE, b"")], "its path leaves the root"),
        ([("usr/../../evil", tarfile.REGTYPE, b"")], "its path leaves the root"),
        ([("x", tarfile.SYMTYPE, b"/etc"), ("x/passwd", tarfile.REGTYPE, b"")], None),
        ([("x", tarfile.LNKTYPE, b"../../etc/passwd")], "its path leaves the root"),
        ([("dev/sda", tarfile.BLKTYPE, b"")], "`dev/sda` is a device"),
        ([("dev/null", tarfile.CHRTYPE, b"")], "`dev/null` is a device"),
        ([("usr/.wh.bin", tarfile.REGTYPE, b"")], "it holds a file whose name begins with `.wh.`"),
    ],
)
def test_a_package_whose_files_mean_ill(tmp_path, members, cause):
    path = tmp_path / "a.deb"
    path.write_bytes(ar(BINARY, CONTROL, ("data.tar", tar(*members))))
    if cause is None:
        entries = Deb.open(path).data(tmp_path).entries
        assert all(not name.startswith("/") for name in entries)
        return
    with pytest.raises(IntegrityError) as caught:
        Deb.open(path).data(tmp_path)
    assert caught.value.message.startswith("cannot read `")
    assert cause in caught.value.message


def test_an_absolute_name_is_one_below_the_root(tmp_path):
    path = tmp_path / "a.deb"
    path.write_bytes(ar(BINARY, CONTROL, ("data.tar", tar(("/etc/x", tarfile.REGTYPE, b"x")))))
    assert [name for name, one in Deb.open(path).data(tmp_path).entries.items() if not one.is_directory] == ["etc/x"]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "it is no Debian package"),
        (b"PK\3\4", "it is no Debian package"),
        (b"!<arch>\n", "it is no Debian package"),
        (ar(CONTROL, BINARY), "it is no Debian package"),
        (ar(BINARY, CONTROL)[:-10], "the archive is damaged"),
        (ar(BINARY)[:40], "the archive is damaged"),
        (ar(BINARY).replace(b"4         `", b"99999     `"), "the archive is damaged"),
        (ar(BINARY).replace(b"4         `", b"-4        `"), "the archive is damaged"),
        (ar(BINARY), "it has no control.tar"),
        (ar(BINARY, ("control.tar", tar())), "it has no control file"),
        (ar(BINARY, ("control.tar.bz2", b"BZh")), "is compressed in a way lissom does not know"),
        (ar(BINARY, ("control.tar.xz", b"no xz")), "control.tar.xz: Input format not supported"),
        (ar(BINARY, ("control.tar.xz", lzma.compress(CONTROL[1])[:-20])), "control.tar.xz: Compressed file ended"),
        (ar(BINARY, ("control.tar.xz", lzma.compress(bytes(2 << 20)))), "unpacks to more than 1048576 bytes"),
        (ar(BINARY, ("control.tar.gz", gzip.compress(bytes(2 << 20)))), "unpacks to more than 1048576 bytes"),
    ],
    ids=[
        "nothing",
        "a zip",
        "an empty archive",
        "members out of order",
        "a cut member",
        "a cut header",
        "a size too large",
        "a negative size",
        "no control",
        "an empty control",
        "bzip2",
        "no xz",
        "short xz",
        "large xz",
        "large gz",
    ],
)
def test_a_package_that_is_none(tmp_path, monkeypatch, data, cause):
    monkeypatch.setattr(deb_module, "_CONTROL", 1 << 20)
    path = tmp_path / "a.deb"
    path.write_bytes(data)
    with pytest.raises(IntegrityError) as caught:
        _ = Deb.open(path).fields
    assert caught.value.message.startswith("cannot read `a.deb`: ")
    assert cause in caught.value.message


def test_files_that_would_fill_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(deb_module, "_LARGEST", 1 << 20)
    path = tmp_path / "a.deb"
    path.write_bytes(ar(BINARY, CONTROL, ("data.tar.xz", lzma.compress(bytes(3 << 20)))))
    with pytest.raises(IntegrityError, match=r"data\.tar\.xz unpacks to more than 1048576 bytes"):
        Deb.open(path).plain(tmp_path / "..")
