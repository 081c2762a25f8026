"""Where packages come from: lines, stanzas, mirrors, archives of the past."""

from pathlib import Path

import pytest

from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.mirrors import expanded
from lissom.distroless.archive.settings import AptSettings
from lissom.distroless.archive.snapshot import moment_after, of_moment, snapshot_of
from lissom.distroless.archive.sources import Source, parse_source, read_sources, select, usable
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.supply import sources_of
from lissom.errors import RegistryError, UsageError


def test_sources_of_both_forms(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://no/ bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://a/debian/ bookworm main contrib # x\n"
        "deb-src http://a/debian bookworm main\ndeb http://b/other nodistro main\n"
    )
    (tmp_path / "sources.list.d/debian.sources").write_text(
        "Types: deb deb-src\nURIs: http://c/debian\nSuites: bookworm-updates bookworm-security\nComponents: main\n"
        "Signed-By: /k.gpg\n\nTypes: deb\nEnabled: no\nURIs: http://d\nSuites: bookworm\nComponents: main\n"
    )
    found = select(read_sources(tmp_path), "bookworm", ("main",), "amd64")
    assert [(one.uri, one.suite, one.components, one.signed_by) for one in found] == [
        ("http://a/debian", "bookworm", ("main",), ("/k.gpg",)),
        ("http://c/debian", "bookworm-updates", ("main",), ("/k.gpg",)),
        ("http://c/debian", "bookworm-security", ("main",), ("/k.gpg",)),
    ]


def test_a_suite_that_no_source_has_is_an_error(tmp_path):
    (tmp_path / "sources.list").write_text("deb http://a/debian bookworm main\n")
    with pytest.raises(UsageError) as caught:
        select(read_sources(tmp_path), "trixie", ("main",), "amd64")
    assert caught.value.message == "cannot use suite `trixie`: no apt source of this machine carries it for amd64"
    assert caught.value.hint == "suites of this machine: bookworm; name others with `sources:` in the spec"


def test_a_source_that_is_trusted_blindly_is_refused():
    source = Source("http://a", "bookworm", ("main",), trusted=True, place="/etc/apt/sources.list")
    with pytest.raises(UsageError, match=r"/etc/apt/sources\.list says trusted=yes, so nothing would be verified"):
        select([source], "bookworm", ("main",), "amd64")
    with pytest.raises(UsageError, match="the spec says trusted=yes"):
        usable([parse_source("deb [trusted=yes] http://a bookworm main")], "amd64")


def test_a_line_of_a_spec():
    assert parse_source(
        "deb [signed-by=a.gpg,/b.gpg arch=arm64 check-valid-until=no] https://x/y/ stable a b"
    ) == Source(
        "https://x/y", "stable", ("a", "b"), ("a.gpg", "/b.gpg"), ("arm64",), check_valid_until=False, place="the spec"
    )
    assert parse_source("deb https://x/y ./").directory("https://x/y") == "https://x/y"
    assert parse_source("deb https://x/y sub/").directory("https://x/y") == "https://x/y/sub"


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("http://a bookworm main", "it is not of the form `deb [options] URI SUITE COMPONENT…`"),
        ("deb http://a bookworm", "it is to have at least one component"),
        ("deb http://a ./ main", "it is to have no components after a suite that ends with a slash"),
        ("deb [pdiffs=no] http://a bookworm main", "unknown option `pdiffs`"),
    ],
)
def test_a_bad_line_of_a_spec(line, cause):
    with pytest.raises(UsageError) as caught:
        parse_source(line)
    assert caught.value.message == f"cannot use source `{line}`: {cause}"


def test_the_same_suite_with_the_same_keys_is_a_mirror():
    lines = (
        "deb http://a/debian bookworm main", "deb http://b/debian bookworm main",
        "deb http://a/debian bookworm-updates main", "deb [signed-by=/k.gpg] http://c/x bookworm main",
        "deb http://a/debian bookworm contrib", "deb http://b/debian bookworm contrib",
        "deb [arch=arm64] http://d/debian bookworm main contrib",
    )  # fmt: skip
    found = usable([parse_source(line) for line in lines], "amd64")
    assert [(one.suite, one.uris, one.components) for one in found] == [
        ("bookworm", ("http://a/debian", "http://b/debian"), ("main", "contrib")),
        ("bookworm-updates", ("http://a/debian",), ("main",)),
        ("bookworm", ("http://c/x",), ("main",)),
    ]


def test_lists_of_mirrors(tmp_path):
    (tmp_path / "list").write_text(
        "# best last\nhttp://b/debian/\tpriority:2\nhttp://c/debian\nhttp://a/debian priority:1 type:deb\n"
    )
    (source,) = expanded([Source(f"mirror+file:{tmp_path}/list", "bookworm", ("main",))], Fetcher(AptSettings()))
    assert source.uris == ("http://a/debian", "http://b/debian", "http://c/debian")
    for name, cause in (("none", "there is no such list"), ("empty", "it is empty")):
        (tmp_path / "empty").touch()
        with pytest.raises(RegistryError) as caught:
            expanded([Source(f"mirror+file:{tmp_path}/{name}", "bookworm", ("main",))], Fetcher(AptSettings()))
        assert caught.value.message == f"cannot use `mirror+file:{tmp_path}/{name}`: {cause}"


@pytest.mark.parametrize("moment", ["20261101T000000Z", "20261101", "2026-11-01", "2026-11-01T00:00:00Z"])
def test_the_archive_of_a_moment(moment):
    sources = [
        Source("http://deb.example/debian", "bookworm", ("main",), mirrors=("http://b.example/debian",)),
        Source("https://sec.example/debian-security", "bookworm-security", ("main",)),
        Source("http://keeper.example/archive/debian/20250520T000000Z", "bookworm-updates", ("main",)),
        Source("file:/mirror/debian", "bookworm", ("main",)),
    ]
    assert [(one.uri, one.mirrors, one.check_valid_until) for one in of_moment(sources, moment)] == [
        ("http://snapshot.debian.org/archive/debian/20261101T000000Z", (), False),
        ("https://snapshot.debian.org/archive/debian-security/20261101T000000Z", (), False),
        ("http://keeper.example/archive/debian/20261101T000000Z", (), False),
        ("https://snapshot.debian.org/archive/debian/20261101T000000Z", (), False),
    ]


def test_what_is_no_moment():
    with pytest.raises(UsageError, match="cannot use snapshot `yesterday`: it is neither a date nor a moment"):
        of_moment([], "yesterday")


def test_a_snapshot_that_has_what_an_archive_had():
    assert moment_after(1_700_000_000) == "20231115T101320Z"


@pytest.mark.parametrize(
    ("line", "uri"),
    [
        ("deb http://mirror.example/debian bookworm main", "http://snapshot.debian.org/archive/debian/S"),
        ("deb http://security.example bookworm-security main", "http://snapshot.debian.org/archive/debian-security/S"),
        ("deb http://apt.example/copy bookworm main", "http://snapshot.debian.org/archive/debian/S"),
        ("deb [signed-by=/vendor.gpg] http://vendor.example/linux stable main", None),
    ],
)
def test_which_sources_have_a_past(line, uri):
    assert snapshot_of(parse_source(line), "S") == uri


def test_key_files_beside_a_spec_become_part_of_the_source(tmp_path):
    (tmp_path / "one.gpg").write_bytes(b"\x99one")
    (tmp_path / "two.asc").write_text(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: 1\n\nmXR3bw==\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
    )
    line = "deb [signed-by={}] http://a bookworm main"
    spec = Spec(sources=(line.format("one.gpg,two.asc"), line.format("/etc/x.gpg")))
    one, two = sources_of(spec, "amd64", apt=Path("/none"), fetcher=Fetcher(AptSettings()), beside=tmp_path)
    assert one.signed_by == (
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n.\nmW9uZZl0d28=\n-----END PGP PUBLIC KEY BLOCK-----",
    )
    assert two.signed_by == ("/etc/x.gpg",)
    missing = Spec(sources=(line.format("none.gpg"),))
    with pytest.raises(UsageError, match=r"cannot read keyring `.*/none\.gpg`: No such file or directory"):
        sources_of(missing, "amd64", apt=Path("/none"), fetcher=Fetcher(AptSettings()), beside=tmp_path)
