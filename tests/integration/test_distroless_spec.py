"""A spec of one's own: what it includes, adds and varies is in the image, and the image runs."""

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
]
SPEC = """
name: greeter
include: base
packages:
  - hello
  - jq: [/usr/bin/jq]
users:
  - {name: app, uid: 1000, home: /home/app}
files:
  /etc/greeting: hi
  /opt/app: {source: bin/app}
  /home/app/.key: {text: secret, mode: 600, uid: 1000, gid: 1000}
env: {GREETING: servus}
user: app
entrypoint: [/usr/bin/hello]
cmd: [--traditional]
variants:
  loud:
    entrypoint: [/usr/bin/hello, --greeting, HEY]
"""


@pytest.fixture(scope="module")
def lissom(tmp_path_factory):
    beside = tmp_path_factory.mktemp("spec")
    (beside / "bin").mkdir()
    (beside / "bin/app").write_bytes(b"\x7fELF\0")
    (beside / "bin/app").chmod(0o700)
    (beside / "app.yaml").write_text(SPEC)

    def call(*words, status=0):
        command = [sys.executable, "-m", "lissom", "--root", str(beside / "store"), "--progress", "quiet", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=beside)
        assert done.returncode == status, done.stderr
        return done.stdout

    call("distroless", "app.yaml")
    call("distroless", "app.yaml:loud")
    return call


@pytest.fixture(scope="module")
def tree(lissom, tmp_path_factory):
    out = tmp_path_factory.mktemp("tree")
    lissom("distroless", "app.yaml", "-o", f"type=local,dest={out}")
    return out


def test_it_runs(lissom):
    assert lissom("run", "--rm", "greeter") == "hello, world\n"


def test_its_variant_runs_and_its_command_is_gone(lissom):
    assert lissom("run", "--rm", "greeter:loud") == "HEY\n"


def test_what_it_adds_is_there(tree):
    assert (tree / "etc/greeting").read_text() == "hi"
    assert (tree / "opt/app").stat().st_mode & 0o7777 == 0o755
    key = (tree / "home/app/.key").stat()
    assert (key.st_mode & 0o7777, key.st_uid, key.st_gid) == (0o600, 1000, 1000)


def test_a_slice_is_all_there_is_of_its_package(tree):
    records = (tree / "var/lib/dpkg/status.d/jq.md5sums").read_text()
    assert {line.split()[1] for line in records.splitlines()} == {"usr/bin/jq", "usr/share/doc/jq/copyright"}


def test_packages_are_added_by_a_flag(lissom):
    lissom("distroless", "base", "--add", "hello", "-t", "added")
    assert lissom("run", "--rm", "added", "/usr/bin/hello") == "Hello, world!\n"
