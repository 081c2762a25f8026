"""Locks as a user has them: a spec, its lock, its packages, and an archive that goes away."""

import shutil
import subprocess
import sys

import pytest

from unit.distroless.fake_archive import FakeArchive, gpg

pytestmark = pytest.mark.skipif(
    not (shutil.which("gpg") and shutil.which("gpgv")), reason="needs gpg to sign and gpgv to verify"
)


@pytest.fixture
def project(tmp_path):
    """A directory with ``app.yaml``, and the archive that it names, signed with a key beside it."""
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    gpg(home, "--quick-gen-key", "archive@example", "ed25519", "sign", "never")
    gpg(home, "-o", str(home / "keys.gpg"), "--export", "archive@example")
    archive = FakeArchive.create(tmp_path / "archive", home)
    archive.add("hello", Depends="world", files={"./usr/share/hello": b"hello\n"})
    archive.add("world", "1:2", files={"./usr/share/world": b"world\n"})
    archive.release = {"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}
    archive.sign()
    directory = tmp_path / "project"
    directory.mkdir()
    shutil.copy(home / "keys.gpg", directory / "own.gpg")
    (directory / "app.yaml").write_text(
        f"sources: ['deb [signed-by=own.gpg] file:{archive.root} bookworm main']\npackages: [hello]\n"
    )
    return directory, archive


def lissom(project, root, *words, status=0):
    command = [sys.executable, "-m", "lissom", "--root", str(project / root), "--progress", "quiet", "distroless"]
    done = subprocess.run([*command, *words], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_a_lock_outlives_its_archive(project):
    directory, archive = project
    digest = lissom(directory, "store", "app.yaml", "-t", "app:1")
    assert lissom(directory, "store", "app.yaml", "--lock", "-t", "app:2") == digest
    assert sorted(path.name for path in directory.iterdir() if path.name != "store") == [
        "app.debs", "app.lock", "app.yaml", "own.gpg",
    ]  # fmt: skip
    assert sorted(path.name for path in (directory / "app.debs").iterdir()) == [
        "hello_1_all.deb",
        "world_1%3a2_all.deb",
    ]
    shutil.rmtree(archive.root)
    assert lissom(directory, "another-store", "app.yaml", "-t", "app:3") == digest
    elsewhere = directory.parent / "checkout"
    shutil.copytree(directory, elsewhere, ignore=shutil.ignore_patterns("*store"))
    assert lissom(elsewhere, "store", "app.yaml", "-t", "app:1") == digest, "where the lock is makes no difference"


def test_a_lock_that_does_not_fit_is_refused(project):
    directory, archive = project
    lissom(directory, "store", "app.yaml", "--lock", "-t", "app:1")
    good = (directory / "app.yaml").read_text()
    (directory / "app.yaml").write_text(good.replace("[hello]", "[world]"))
    assert lissom(directory, "store", "app.yaml", "-t", "app:1", status=2) == (
        "error: cannot use lock `app.lock`: the spec, or this variant of it, asks for other packages or sources\n\n"
        "hint: write the lock anew with --lock\n"
    )
    (directory / "app.yaml").write_text(good + "user: nobody\n")
    lissom(directory, "store", "app.yaml", "-t", "app:1")
    shutil.rmtree(archive.root)
    deb = directory / "app.debs/hello_1_all.deb"
    data = deb.read_bytes()
    deb.unlink()
    deb.write_bytes(data[:-1] + b"!")
    assert "wanted sha256" in lissom(directory, "another-store", "app.yaml", "-t", "app:1", status=5)
