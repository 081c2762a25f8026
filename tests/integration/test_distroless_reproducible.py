"""One digest, whoever makes an image, where, when and out of what else: config, layers, and how they are compressed."""

import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.foreign,
    pytest.mark.userns,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
    pytest.mark.skipif(not shutil.which("faketime"), reason="needs faketime"),
]
ROOT = Path(__file__).parents[1] / "data/distroless/root.pem"
SPEC = """\
name: own
include: base
packages:
  - python3-minimal
  - tzdata: [/usr/share/zoneinfo/Europe/*]
pyc: true
users: [{name: app, uid: 1234, home: /home/app}]
files: {/etc/app.conf: "a=1\\n"}
links: {/srv/app.conf: /etc/app.conf}
directories: {/var/app: "0750"}
layers: 4
ca:
  - |
"""
CONFIGURED = """\
name: configured
include: debian-slim
packages: [ca-certificates, cron, python3-minimal]
users: [{name: app, uid: 1234, home: /home/app, shell: /bin/sh}]
"""
MAKE = """\
set -e
for spec do
    "$PYTHON" -m lissom --root "$STORE" distroless -q "$spec" -t made:1 >/dev/null
    "$PYTHON" -m lissom --root "$STORE" inspect --format '{{.Id}} {{json .RepoDigests}}' made:1
done
"""
ELSEWHERE = f"""\
set -e
hostname elsewhere
mount -t tmpfs none "$STORE"
umask 077
cd /
{MAKE}"""
"""In namespaces of its own: a store whose directories have another order, in memory."""


@pytest.fixture
def specs(tmp_path):
    paths = [tmp_path / "own.yaml", tmp_path / "configured.yaml"]
    root = textwrap.indent(ROOT.read_text(), "    ")
    for path, text in zip(paths, (SPEC + root, CONFIGURED), strict=True):
        path.write_text(text)
    return paths


def here(store, specs):
    environment = {**os.environ, "PYTHON": sys.executable, "STORE": str(store)}
    return said(subprocess.run(["sh", "-c", MAKE, "make", *specs], env=environment, capture_output=True, check=False))


def elsewhere(store, specs):
    store.mkdir()
    odd = {
        "HOME": "/nonexistent", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu",
        "PYTHONHASHSEED": "7", "PYTHON": sys.executable, "STORE": str(store), "TMPDIR": "/var/tmp",
    }  # fmt: skip
    command = ["unshare", "--mount", "--uts", "--ipc", "--", "faketime", "-f", "+26h", "sh", "-c", ELSEWHERE, "make"]
    done = subprocess.run([*command, *reversed(specs)], env={**os.environ, **odd}, capture_output=True, check=False)
    return said(done)[::-1]


def as_user(user, specs):
    proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    store = user.home / "reproducible"
    for spec in specs:
        user.own(shutil.copy(spec, user.home / spec.name))
    places = {"PYTHON": user.python, "STORE": str(store)}
    try:
        return said(user.run("sh", "-c", MAKE, "make", *(spec.name for spec in specs), env={**proxies, **places}))
    finally:
        user.lissom("--root", store, "gc", "--keep-bytes", "0")


def said(done):
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode().splitlines()


def test_one_digest(tmp_path, specs, mapped):
    with ThreadPoolExecutor(2) as pool:
        found = [
            pool.submit(here, tmp_path / "here", specs),
            pool.submit(elsewhere, tmp_path / "elsewhere", specs),
            pool.submit(as_user, mapped, specs),
        ]
        digests = [one.result() for one in found]
    assert [line.count("sha256:") for line in digests[0]] == [2, 2]
    assert digests == [digests[0]] * 3


def test_one_digest_without_subordinate_ids_too(tmp_path, specs, lone):
    assert as_user(lone, specs[:1]) == here(tmp_path / "here", specs[:1])
