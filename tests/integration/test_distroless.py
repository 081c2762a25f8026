"""Images from the archive that this machine is set up with."""

import json
import os
import shutil

import pytest

from process import calling

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
]


@pytest.fixture(scope="module")
def lissom(tmp_path_factory):
    return calling(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def slim(lissom):
    """A full base, small as they come."""
    lissom("distroless", "debian-slim", "-t", "base:1")
    return "base:1"


def test_apt_works_in_the_slim_base(lissom, slim, tmp_path):
    (tmp_path / "Dockerfile").write_text(
        f"FROM {slim}\n"
        'RUN test -z "$(dpkg --audit)" && test ! -e /usr/share/man/man1 && test -e /usr/share/doc/bash/copyright\n'
        "RUN apt-get update && apt-get check && apt-get install -y hello && hello\n"
        'RUN test -z "$(ls /var/cache/apt/archives/*.deb /var/cache/apt/*.bin 2>/dev/null)"\n'
    )
    lissom("build", "--host-settings", "-t", "app:1", str(tmp_path))


def test_the_well_known_busybox(lissom, tmp_path):
    lissom("distroless", "busybox", "-t", "busybox:1")
    (tmp_path / "Dockerfile").write_text("FROM busybox:1\nRUN ls /bin | wc -l && test /bin/sh -ef /bin/ls && id\n")
    lissom("build", "-t", "bb:1", str(tmp_path))


def test_a_base_has_no_shell_and_says_what_is_in_it(lissom, tmp_path):
    lissom("distroless", "base", "-t", "b:1", "-o", f"type=local,dest={tmp_path}/b")
    assert not (tmp_path / "b/bin/sh").exists()
    assert (tmp_path / "b/var/lib/dpkg/status.d/libc6").exists()
    assert b"BEGIN CERTIFICATE" in (tmp_path / "b/etc/ssl/certs/ca-certificates.crt").read_bytes()
    assert "nonroot:x:65532:65532" in (tmp_path / "b/etc/passwd").read_text()


def test_its_surface_beside_the_full_base(lissom, slim):
    lissom("distroless", "base", "-t", "b:1")
    full, base = json.loads(lissom("surface", "--json", slim, "b:1").stdout)
    for name in ("shells", "package_managers", "interpreters", "setuid", "setgid"):
        assert full[name], name
        assert base[name] == [], name
    assert base["world_writable"] == ["/tmp"]
    assert base["packages"]["deb"] < full["packages"]["deb"]
    assert base["compressed"] < full["compressed"] / 5
    (row,) = json.loads(lissom("why", "--json", slim, "/usr/bin/perl").stdout)
    assert (row["package"], row["chain"][-1]["wish"]) == ("perl-base", "bootstrap: minbase")
