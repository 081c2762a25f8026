"""What scripts of packages would have made, in images of real packages, as foreign programs see it."""

import os
import shutil
import stat
import subprocess

import pytest

from process import calling

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
]
SPEC = """\
include: base
packages: [libsystemd0, mawk, passwd]
debug: true
users: [{name: app, uid: 1000, home: /srv/app}]
"""
PYTHON = """\
import asyncio, ctypes.util, os, ssl
print(os.path.exists(asyncio.__cached__), ctypes.util.find_library("c"), len(ssl.create_default_context().get_ca_certs()) > 100)
"""


@pytest.fixture(scope="module")
def lissom(tmp_path_factory):
    call = calling(tmp_path_factory.mktemp("store"), "quiet")
    return lambda *words: call(*words).stdout


@pytest.fixture(scope="module")
def tree(lissom, tmp_path_factory):
    path = tmp_path_factory.mktemp("image")
    (path / "app.yaml").write_text(SPEC)
    lissom(
        "distroless", str(path / "app.yaml"), "-t", "app:1", "-o", "type=store", "-o", f"type=local,dest={path}/tree"
    )
    return path / "tree"


def test_the_linkers_cache_is_ldconfigs(tree, tmp_path):
    def listed(root):
        done = subprocess.run(["ldconfig", "-r", str(root), "-p"], capture_output=True, text=True, check=True)
        return [line for line in done.stdout.splitlines() if "=>" in line]

    shutil.copytree(tree, tmp_path / "tree", symlinks=True)
    ours = listed(tree)
    subprocess.run(["ldconfig", "-r", str(tmp_path / "tree")], check=True)
    assert ours == listed(tmp_path / "tree")
    assert any("libsystemd.so.0" in line for line in ours)


def test_records_are_true(tree):
    records = sorted((tree / "var/lib/dpkg/status.d").glob("*.md5sums"))
    done = subprocess.run(["md5sum", "-c", "--quiet", *records], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "libc6.md5sums" in [record.name for record in records]


def test_nobody_gets_rights_and_writes_but_in_tmp(tree):
    found = [(path, path.lstat()) for path in tree.rglob("*") if not path.is_symlink()]
    assert [path for path, status in found if status.st_mode & (stat.S_ISUID | stat.S_ISGID)] == []
    assert [path.relative_to(tree).as_posix() for path, status in found if status.st_mode & stat.S_IWOTH] == ["tmp"]
    owned = {path.relative_to(tree).as_posix() for path, status in found if status.st_uid}
    assert owned == {"home/nonroot", "srv/app"}
    assert (tree / "usr/bin/passwd").exists(), "it is there, without its setuid bit"


def test_alternatives_and_the_debugging_shell_work(lissom, tree):
    assert (tree / "usr/bin/awk").readlink().as_posix() == "/etc/alternatives/awk"
    words = ("awk", "BEGIN { print 6 * 7 }")
    assert lissom("run", "--rm", "app:1", *words) == "42\n"
    assert lissom("run", "--rm", "-u", "app", "app:1", "sh", "-c", "cd && id -un && pwd") == "app\n/srv/app\n"


def test_python_finds_its_compiled_modules_libraries_and_certificates(lissom):
    lissom("distroless", "python3:pyc", "-t", "python:1")
    assert lissom("run", "--rm", "-u", "65532", "python:1", "-c", PYTHON) == "True libc.so.6 True\n"
