"""The full base, held against the one that mmdebstrap makes of the same archive."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile

import pytest

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.foreign,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
    pytest.mark.skipif(not shutil.which("mmdebstrap"), reason="needs mmdebstrap"),
]
MERGED = "/usr/share/mmdebstrap/hooks/merged-usr"
PINNED = "etc/apt/preferences.d/pinned"
TIME = 1_700_000_000

ONLY_OURS = re.compile(
    r"etc/apt/apt\.conf\.d/docker-(clean|gzip-indexes|no-languages)|etc/dpkg/dpkg\.cfg\.d/docker-apt-speedup"
    r"|usr/sbin/policy-rc\.d"  # as docker's own bases have them
    r"|etc/apt/sources\.list\.d/.+|etc/apt/keyrings/.+|usr/share/keyrings/.+"  # the sources in their newer form
    r"|etc/machine-id"  # empty: every container gets its own
    r"|var/lib/dpkg/available"
)
ONLY_THEIRS = re.compile(
    r"dev/.+"  # a runtime brings devices
    r"|etc/(fstab|hostname|resolv\.conf)"  # of this machine
    r"|etc/apt/sources\.list"
    r"|.+/lock|.+/lock-frontend|.+/triggers/Lock|etc/\.pwd\.lock"  # made when they are missing
    r"|etc/(group|passwd|shadow|gshadow)-|var/.+-old"  # what was before the last change
    r"|var/lib/dpkg/arch"  # dpkg knows its own
)
OTHER_CONTENT = re.compile(r"var/lib/apt/extended_states")  # the same paragraphs in another order


def entries(path):
    found = {}
    with tarfile.open(path) as tar:
        for member in tar:
            name = member.name.removeprefix("./").rstrip("/")
            if name not in ("", "."):
                kind = "file" if member.isreg() or member.islnk() else member.type
                data = tar.extractfile(member).read() if kind == "file" else member.linkname.encode()
                mode = None if member.issym() else member.mode
                found[name] = (kind, mode, member.uid, member.gid, hashlib.sha256(data).hexdigest())
    return found


def lissom(root, *words, **environment):
    command = [sys.executable, "-m", "lissom", "--root", str(root), "--progress", "quiet", "distroless", *words]
    environment = {**os.environ, **environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def theirs_by_mmdebstrap(path):
    pin = f'echo "Package: usrmerge\nPin: release *\nPin-Priority: -1" > "$1/{PINNED}"'
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=usr-is-merged", f"--hook-dir={MERGED}"]
    command += [f"--setup-hook=mkdir -p $1/etc/apt/preferences.d; {pin}", f'--customize-hook=rm "$1/{PINNED}"']
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(TIME)}
    done = subprocess.run(
        [*command, "bookworm", str(path)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return entries(path)


def test_the_base_is_mmdebstraps(tmp_path):
    tar = tmp_path / "ours.tar"
    lissom(tmp_path / "store", "debian", "-t", "d:1", "--timestamp", str(TIME), "-o", f"type=tar,dest={tar}")
    ours, theirs = entries(tar), theirs_by_mmdebstrap(tmp_path / "theirs.tar")
    with tarfile.open(tar) as opened:
        assert max(member.mtime for member in opened) <= TIME
    assert [path for path in sorted(ours.keys() - theirs.keys()) if not ONLY_OURS.fullmatch(path)] == []
    assert [path for path in sorted(theirs.keys() - ours.keys()) if not ONLY_THEIRS.fullmatch(path)] == []
    other = {path: (ours[path], theirs[path]) for path in ours.keys() & theirs.keys() if ours[path] != theirs[path]}
    # apt makes its own directories for its own user when it first runs.
    other = {path: pair for path, pair in other.items() if not path.endswith("/partial")}
    assert {path: pair for path, pair in other.items() if not OTHER_CONTENT.fullmatch(path)} == {}
    assert states(tar, "var/lib/apt/extended_states") == states(
        tmp_path / "theirs.tar", "./var/lib/apt/extended_states"
    )


def states(path, name):
    with tarfile.open(path) as tar:
        return sorted(tar.extractfile(name).read().decode().strip().split("\n\n"))


def test_the_digest_is_the_archives_alone(tmp_path):
    first = lissom(tmp_path / "store", "debian-slim", "-t", "d:1")
    previous = os.umask(0o077)
    try:
        odd = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"}
        assert lissom(tmp_path / "store", "debian-slim", "-t", "d:2", **odd) == first
    finally:
        os.umask(previous)
