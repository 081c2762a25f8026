"""What a spec adds to a configured base, and what is left when its scripts fail or are broken off."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lissom.api.distroless import apt_settings
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.configured.configure import configure
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.supply import supply
from lissom.errors import StepError
from lissom.events import StepOutput
from lissom.rootfs.ownership import Ownership
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store
from process import calling
from unit.distroless.fake_debs import deb

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
]
ROOT = Path(__file__).parents[1] / "data/distroless/root.pem"
SPEC = """\
name: full
bootstrap: essential
configure: true
packages: [usr-is-merged, ca-certificates]
trim: [docs, man, locales]
exclude: [/usr/share/bash-completion/*]
users: [{name: app, uid: 1234, home: /home/app, shell: /bin/sh}]
files: {/etc/app.conf: "a=1\\n"}
user: app
ca: [root.pem]
"""
CHECK = """\
test "$(id -un):$(id -u):$PWD" = app:1234:/ && test -w ~ && test ! -e /usr/share/man/man1
grep -q a=1 /etc/app.conf && ! ls /usr/share/bash-completion/completions 2>/dev/null
test -z "$(dpkg --audit)" && test "$(openssl verify -CApath /etc/ssl/certs /etc/ssl/certs/spec-1.pem)" = \
    "/etc/ssl/certs/spec-1.pem: OK"
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A store whose packages every test may use."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def lissom(root):
    return calling(root)


def left(root):
    return [path.name for path in (root / "lissom/tmp").iterdir()]


def test_what_a_spec_adds(lissom, tmp_path):
    (tmp_path / "full.yaml").write_text(SPEC)
    shutil.copy(ROOT, tmp_path)
    said = lissom("distroless", str(tmp_path / "full.yaml"), "-t", "full:1").stderr
    assert "#1 configure" in said
    assert "Setting up" not in said, "a log has what dpkg says only when it is asked for"
    lissom("run", "--rm", "full:1", "sh", "-ec", CHECK)
    assert "of mawk" in lissom("why", "full:1", "/usr/bin/awk").stdout
    assert "made by a maintainer script" in lissom("why", "full:1", "/etc/ssl/certs/ca-certificates.crt").stdout


def test_a_script_that_fails_is_named_and_leaves_nothing(root, tmp_path):
    spec = Spec(bootstrap="essential", configure=True)
    fetcher = Fetcher(apt_settings(os.environ))
    cache = root / "lissom/debian"
    found = supply(spec, machine(), apt=Path("/etc/apt"), fetcher=fetcher, cache=cache, beside=tmp_path)
    fetcher.close()
    package, path = deb(tmp_path, "broken", {}, {"postinst 755": "#!/bin/sh\necho no such luck >&2\nexit 3\n"},
                        Maintainer="nobody", Description="broken")  # fmt: skip
    found = replace(found, packages=(*found.packages, package), debs={**found.debs, "broken": path})
    events = []
    with Store.at(root) as store:
        snapshots = Snapshots(store, Ownership.KERNEL)
        with pytest.raises(StepError) as caught:
            configure(spec, found, snapshots=snapshots, timestamp=0, listener=events.append)
    first, *lines = caught.value.message.splitlines()
    assert first == (
        "cannot configure package `broken`: installed broken package post-installation script subprocess"
        " returned error exit status 3"
    )
    assert "  no such luck" in lines
    assert b"no such luck" in b"".join(event.data for event in events if isinstance(event, StepOutput))
    assert left(root) == []


def test_who_breaks_it_off_finds_nothing_left(root):
    command = [sys.executable, "-m", "lissom", "--root", str(root), "--progress", "plain", "-v", "distroless"]
    process = subprocess.Popen([*command, "debian-slim", "-t", "broken:1"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert any("Setting up" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "lissom: interrupted"
    assert left(root) == []
    images = subprocess.run([*command[:5], "images"], capture_output=True, text=True, check=True).stdout
    assert "broken" not in images


def machine():
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
