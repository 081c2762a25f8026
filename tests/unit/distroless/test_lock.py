"""Locks: the same packages again, whatever has become of the archive."""

import json
import os
import shutil

import pytest

from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.settings import AptSettings
from lissom.distroless.spec.spec import Spec, Wish
from lissom.distroless.supply import locked
from lissom.distroless.supply.lock import fingerprint, read_lock, write_lock
from lissom.distroless.supply.supplies import Places, kept_beside, places_of_locks, supplies
from lissom.errors import IntegrityError, LissomError, UsageError
from unit.distroless.fake_archive import NOW


class Project:
    """A spec of ``a`` and what it needs, its lock, and a cache."""

    def __init__(self, archive, directory):
        directory.mkdir()
        self.archive = archive
        self.directory = directory
        self.spec = Spec(packages=(Wish("a"),), sources=(archive.source,))
        self.lock = directory / "app.lock"
        self.apt = directory / "apt"

    def build(self, *architectures, relock=False, cache="cache"):
        fetcher = Fetcher(AptSettings(stall=0.3))
        places = Places(self.apt, self.directory / cache, (self.lock,))
        try:
            return supplies(self.spec, architectures or ("amd64",), places, fetcher, relock=relock)
        finally:
            fetcher.close()

    def kept(self):
        return sorted(path.name for path in kept_beside(self.lock).iterdir())


@pytest.fixture
def project(archive, tmp_path):
    archive.add("a", "1:2~rc1", Depends="b")
    archive.add("b")
    archive.sign()
    return Project(archive, tmp_path / "project")


def told(supply):
    packages = [(str(one), one.sha256, dict(one.fields)) for one in supply.packages]
    return packages, supply.date, supply.needed_by, supply.automatic


def test_a_lock_gives_the_same_as_the_archive_did(project):
    (by_archive,) = project.build()
    (locking,) = project.build(relock=True)
    (by_lock,) = project.build()
    assert told(by_archive) == told(locking) == told(by_lock)
    assert by_lock.date == NOW
    assert by_lock.needed_by == {"b": "a"}
    assert project.kept() == ["a_1%3a2~rc1_all.deb", "b_1_all.deb"]


def test_the_same_lock_has_the_same_bytes(project):
    project.build(relock=True)
    first = project.lock.read_bytes()
    shutil.rmtree(kept_beside(project.lock))
    project.build(relock=True, cache="another")
    assert project.lock.read_bytes() == first
    assert project.kept() == ["a_1%3a2~rc1_all.deb", "b_1_all.deb"]
    write_lock(read_lock(project.lock), project.lock)
    assert project.lock.read_bytes() == first


def test_what_a_lock_says(project):
    (supply,) = project.build(relock=True)
    document = json.loads(project.lock.read_text())["architectures"]["amd64"]
    assert document["date"] == NOW
    assert document["sources"][0]["suite"] == "bookworm"
    assert document["sources"][0]["sha256"] == supply.releases[0].sha256
    assert document["packages"][1] == {
        "name": "b", "version": "1", "architecture": "all", "sha256": supply.packages[1].sha256,
        "size": supply.packages[1].size, "uri": f"file:{project.archive.root}", "filename": "pool/b_1.deb",
        "needed_by": "a",
    }  # fmt: skip


def test_newer_packages_are_not_taken_until_the_lock_is_written_anew(project):
    project.build(relock=True)
    project.archive.add("b", "2")
    project.archive.sign()
    assert [str(one) for one in project.build()[0].packages] == ["a 1:2~rc1", "b 1"]
    assert [str(one) for one in project.build(relock=True)[0].packages] == ["a 1:2~rc1", "b 2"]
    assert project.kept() == ["a_1%3a2~rc1_all.deb", "b_2_all.deb"]


def test_nothing_is_asked_when_the_packages_are_beside_the_lock(project):
    (before,) = project.build(relock=True)
    shutil.rmtree(project.archive.root)
    (after,) = project.build(cache="empty")
    assert told(after) == told(before)
    shutil.rmtree(kept_beside(project.lock))
    assert told(project.build(cache="cache")[0]) == told(before), "the cache will do"
    with pytest.raises(LissomError, match=r"cannot fetch `[ab] .*`: the archive has it no more"):
        project.build(cache="nothing")


def test_a_damaged_package_beside_the_lock_is_not_used(project):
    project.build(relock=True)
    deb = kept_beside(project.lock) / "b_1_all.deb"
    good = deb.read_bytes()
    deb.unlink()
    deb.write_bytes(b"x" * len(good))
    (supply,) = project.build(cache="empty")
    assert supply.debs["b"].read_bytes() == good
    shutil.rmtree(project.archive.root)
    with pytest.raises(IntegrityError, match=r"cannot use `file://.*/app\.debs/b_1_all\.deb`: wanted sha256"):
        project.build(cache="nothing")


def test_another_mirror_is_asked_for_what_is_nowhere_else(project, mirrors):
    gone, there = mirrors(project.directory), mirrors()
    project.spec = Spec(packages=(Wish("a"),))
    project.apt.mkdir()
    line = project.archive.source.replace(f"file:{project.archive.root}", "{}") + "\n"
    sources = project.apt / "sources.list"
    sources.write_text(line.format(there.uri))
    (before,) = project.build(relock=True)
    shutil.rmtree(kept_beside(project.lock))
    text = project.lock.read_text()
    assert there.uri in text
    project.lock.write_text(text.replace(there.uri, gone.uri))
    (after,) = project.build(cache="empty")
    assert told(after)[1:] == told(before)[1:]
    assert [one.sha256 for one in after.packages] == [one.sha256 for one in before.packages]
    assert "/pool/b_1.deb" in gone.asked


def test_passwords_are_in_no_lock(project, mirrors):
    mirror = mirrors()
    uri = mirror.uri.replace("//", "//me:secret@")
    project.spec = Spec(packages=(Wish("a"),))
    project.apt.mkdir()
    (project.apt / "sources.list").write_text(
        project.archive.source.replace(f"file:{project.archive.root}", uri) + "\n"
    )
    (supply,) = project.build(relock=True)
    assert mirror.headers[-1]["Authorization"]
    assert "secret" not in project.lock.read_text()
    assert "secret" not in str((supply.sources, supply.packages))
    shutil.rmtree(kept_beside(project.lock))
    mirror.asked.clear()
    assert told(project.build(cache="empty")[0]) == told(supply)
    assert "/pool/a_1:2~rc1.deb" in mirror.asked


def test_debians_past_is_asked_last(project, monkeypatch, mirrors):
    keeper = mirrors(project.directory)
    project.archive.root.rename(project.directory / "debian")
    monkeypatch.setattr(locked, "snapshot_of", lambda source, stamp: f"{keeper.uri}/archive/{source.uri[-6:]}/{stamp}")
    mirror = mirrors(project.directory)
    project.spec = Spec(
        packages=(Wish("a"),), sources=(f"deb [signed-by={project.archive.keyring}] {mirror.uri}/debian bookworm main",)
    )
    (before,) = project.build(relock=True)
    shutil.rmtree(kept_beside(project.lock))
    stamp = project.directory / "archive/debian/20231115T101320Z"
    stamp.parent.mkdir(parents=True)
    (project.directory / "debian").rename(stamp)
    (after,) = project.build(cache="empty")
    assert told(after) == told(before)
    assert sorted(path for path in keeper.asked if path.endswith(".deb")) == [
        f"/archive/debian/{stamp.name}/pool/{name}" for name in ("a_1:2~rc1.deb", "b_1.deb")
    ]


def test_a_spec_that_asks_for_others_is_an_error(project):
    project.build(relock=True)
    project.spec = Spec(packages=(Wish("b"),), sources=project.spec.sources)
    with pytest.raises(UsageError) as caught:
        project.build()
    assert caught.value.message == (
        f"cannot use lock `{project.lock}`: the spec, or this variant of it, asks for other packages or sources"
    )
    assert caught.value.hint == "write the lock anew with --lock"


def test_only_what_decides_the_packages_is_in_the_fingerprint():
    one = Spec(packages=(Wish("a"), Wish("b")))
    same = Spec(
        name="x", packages=(Wish("b", slices=("/x",)), Wish("a")), user="1", env=(("A", "b"),), trim=(), strip=True
    )
    assert fingerprint(one) == fingerprint(same)
    others = (
        Spec(packages=(Wish("a", version="1"), Wish("b"))), Spec(packages=(Wish("a", dependencies=False), Wish("b"))),
        Spec(packages=one.packages, suite="trixie"), Spec(packages=one.packages, snapshot="20261101T000000Z"),
        Spec(packages=one.packages, without=("c",)), Spec(packages=one.packages, debug=True),
        Spec(packages=one.packages, sources=("deb file:/x y z",)), Spec(packages=one.packages, bootstrap="essential"),
    )  # fmt: skip
    assert len({fingerprint(spec) for spec in (one, *others)}) == 1 + len(others)


def test_all_architectures_are_in_one_lock(project):
    project.archive.architectures = ("amd64", "arm64")
    project.archive.add("c")
    project.archive.sign()
    project.build("amd64", "arm64", relock=True)
    assert [one.architecture for one in project.build("arm64", "amd64")] == ["arm64", "amd64"]
    with pytest.raises(UsageError) as caught:
        project.build("riscv64")
    assert caught.value.message == f"cannot use lock `{project.lock}`: it is of amd64, arm64, not of riscv64"


def test_an_interruption_harms_nothing(project, monkeypatch):
    (before,) = project.build(relock=True)
    project.archive.add("b", "2")
    project.archive.sign()

    def fail(*words):
        raise KeyboardInterrupt

    for function in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, function, fail)
            with pytest.raises(KeyboardInterrupt):
                project.build(relock=True)
        assert "b_1_all.deb" in project.kept()
        assert told(project.build(cache=f"empty-{function}")[0]) == told(before)
    project.build(relock=True)
    assert project.kept() == ["a_1%3a2~rc1_all.deb", "b_2_all.deb"]
    assert sorted(path.name for path in project.directory.glob("*.*")) == ["app.debs", "app.lock"]
    assert not list(project.directory.glob(".app*"))


def test_packages_are_copied_where_links_cannot_be_made(project, monkeypatch):
    def fail(*words):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", fail)
    project.build(relock=True)
    assert project.kept() == ["a_1%3a2~rc1_all.deb", "b_1_all.deb"]


def test_files_of_others_beside_the_packages_stay(project):
    project.build(relock=True)
    (kept_beside(project.lock) / "README").write_text("mine")
    project.build(relock=True)
    assert project.kept() == ["README", "a_1%3a2~rc1_all.deb", "b_1_all.deb"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda text: text[:100], "Unterminated string"),
        (lambda text: "[]", "list indices"),
        (lambda text: "{}", "lissom-lock is missing"),
        (lambda text: text.replace('"lissom-lock": 1', '"lissom-lock": 2'), "its format is 2, not 1"),
        (lambda text: text.replace('"name": "b"', '"name": "../b"'), "`../b` is no name"),
        (lambda text: text.replace('"version": "1"', '"version": "../../x"'), "`../../x` is no version"),
        (lambda text: text.replace('"filename": "pool/b', '"filename": "../b'), "`../b_1.deb` is no filename"),
        (lambda text: text.replace('"size": ', '"size": 1.'), "is no size"),
        (lambda text: text.replace('"needed_by"', '"needed_by": ["'), "Expecting"),
        (lambda text: text.replace('"sha256": "', '"sha256": "X'), "is no sha256"),
        (lambda text: "[" * 100_000, "recursion"),
    ],
)
def test_a_bad_lock_is_refused(project, change, cause):
    project.build(relock=True)
    project.lock.write_text(change(project.lock.read_text()))
    with pytest.raises(UsageError) as caught:
        project.build()
    assert caught.value.message.startswith(f"cannot use lock `{project.lock}`: ")
    assert cause in caught.value.message


def test_where_locks_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [str(path) for path in places_of_locks("base")] == ["base.lock"]
    assert [str(path) for path in places_of_locks("base:debug")] == ["base-debug.lock", "base.lock"]
    assert [str(path) for path in places_of_locks("sub/app.yaml", "debug")] == ["sub/app-debug.lock", "sub/app.lock"]


def test_a_variant_takes_the_spec_s_lock_when_it_has_none_of_its_own(project):
    project.build(relock=True)
    fetcher = Fetcher(AptSettings())
    places = Places(project.apt, project.directory / "cache", (project.directory / "app-nonroot.lock", project.lock))
    (supply,) = supplies(project.spec, ("amd64",), places, fetcher)
    assert [str(one) for one in supply.packages] == ["a 1:2~rc1", "b 1"]
    assert supply.releases == ()


def test_a_lock_needs_no_keys(project, monkeypatch):
    project.build(relock=True)
    project.archive.sign(key="stranger@example")
    monkeypatch.setenv("PATH", "")
    assert [str(one) for one in project.build()[0].packages] == ["a 1:2~rc1", "b 1"]
