"""Configured bases, held against those that mmdebstrap makes of the same archive."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

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
PACKAGES = (
    "ca-certificates",  # a file that its script computes, links by hash
    "cron",  # a group made by a package that it pre-depends on, a setgid program
    "fontconfig",  # triggers, caches with times of directories in them
    "iputils-ping",  # capabilities of files
    "nginx-light",  # logs, owners
    "openssh-server",  # a user, answers of debconf, secrets
    "python3-minimal",  # compiled modules
    "vim-tiny",  # alternatives
)

ONLY_OURS = re.compile(
    r"etc/apt/apt\.conf\.d/docker-(clean|gzip-indexes|no-languages)|etc/dpkg/dpkg\.cfg\.d/docker-apt-speedup"
    r"|usr/sbin/policy-rc\.d"  # as docker's own bases have them
    r"|etc/apt/sources\.list\.d/.+|etc/apt/keyrings/.+|usr/share/keyrings/.+"  # the sources in their newer form
    r"|etc/machine-id"  # empty: every container gets its own
    r"|var/lib/dpkg/available"
)
ONLY_THEIRS = re.compile(
    r"dev/.+"  # a runtime brings devices
    r"|etc/(fstab|hostname|hosts|resolv\.conf)"  # a runtime's, too, or of this machine
    r"|etc/apt/sources\.list"
    r"|.+/lock|.+/lock-frontend|.+/triggers/Lock|etc/\.pwd\.lock"  # made when they are missing
    r"|etc/(group|passwd|shadow|gshadow)-|var/.+-old"  # what was before the last change
    r"|var/lib/dpkg/arch"  # dpkg knows its own
)
OTHER_CONTENT = re.compile(
    r"var/lib/apt/extended_states"  # the same paragraphs in another order: compared below
    r"|etc/ssh/ssh_host_.+"  # made at random
)
OTHER_RIGHTS = re.compile(r"var/(cache|lib)/apt/.+/partial")  # apt makes them its own user's when it first runs


class Seen(NamedTuple):
    """What is compared of one path; times of directories say when which package was unpacked, and do not count."""

    kind: str
    mode: int | None
    owner: tuple[int, int]
    xattrs: tuple
    content: str
    mtime: int | None


class Archive:
    """A tar archive's paths, and the groups of its hard links."""

    def __init__(self, path):
        self.path, self.paths, links = path, {}, {}
        with tarfile.open(path) as tar:
            for member in tar:
                name = member.name.removeprefix("./").rstrip("/")
                if name in ("", "."):
                    continue
                if member.islnk():
                    links.setdefault(member.linkname.removeprefix("./"), set()).add(name)
                self.paths[name] = self.path_of(tar, member)
        self.links = {frozenset({target, *names}) for target, names in links.items()}

    @staticmethod
    def path_of(tar, member):
        regular = member.isreg() or member.islnk()
        data = tar.extractfile(member).read() if regular else member.linkname.encode()
        xattrs = tuple(sorted((key, value) for key, value in member.pax_headers.items() if "xattr" in key))
        return Seen(
            "file" if regular else member.type.decode(),
            None if member.issym() else member.mode,
            (member.uid, member.gid),
            xattrs,
            hashlib.sha256(data).hexdigest(),
            member.mtime if regular else None,
        )

    def text(self, name):
        with tarfile.open(self.path) as tar:
            found = next(one for one in tar if one.name.removeprefix("./") == name)
            return tar.extractfile(found).read().decode()


def lissom(root, *words):
    command = [sys.executable, "-m", "lissom", "--root", str(root), "--progress", "quiet", "distroless", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def theirs_by_mmdebstrap(path):
    pin = f'echo "Package: usrmerge\nPin: release *\nPin-Priority: -1" > "$1/{PINNED}"'
    include = ",".join(("usr-is-merged", *PACKAGES))
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={include}", f"--hook-dir={MERGED}"]
    command += [f"--setup-hook=mkdir -p $1/etc/apt/preferences.d; {pin}", f'--customize-hook=rm "$1/{PINNED}"']
    # Scripts must not see how Python is set up here.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["SOURCE_DATE_EPOCH"] = str(TIME)
    done = subprocess.run(
        [*command, "bookworm", str(path)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Archive(path)


def ours_by_lissom(tmp_path):
    tar = tmp_path / "ours.tar"
    (tmp_path / "rich.yaml").write_text(f"include: debian\nname: rich\npackages: [{', '.join(PACKAGES)}]\n")
    lissom(tmp_path / "store", str(tmp_path / "rich.yaml"), "--timestamp", str(TIME), "-o", f"type=tar,dest={tar}")
    return Archive(tar)


def test_the_tree_is_mmdebstraps(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        made = pool.submit(theirs_by_mmdebstrap, tmp_path / "theirs.tar")
        ours, theirs = ours_by_lissom(tmp_path), made.result()
    with tarfile.open(ours.path) as opened:
        assert max(member.mtime for member in opened) <= TIME
    assert [path for path in sorted(ours.paths.keys() - theirs.paths.keys()) if not ONLY_OURS.fullmatch(path)] == []
    assert [path for path in sorted(theirs.paths.keys() - ours.paths.keys()) if not ONLY_THEIRS.fullmatch(path)] == []
    assert {path: pair for path, pair in differing(ours, theirs) if pair[0] != pair[1]} == {}
    assert ours.links == theirs.links
    states = [sorted(one.text("var/lib/apt/extended_states").strip().split("\n\n")) for one in (ours, theirs)]
    assert states[0] == states[1]
    assert any("capability" in key for key, _ in ours.paths["usr/bin/ping"].xattrs)
    users = {line.split(":")[0] for line in ours.text("etc/passwd").splitlines()}
    assert {"_apt", "sshd"} <= users


def differing(ours, theirs):
    """Pairs of what is compared of each path that both have."""
    for path in sorted(ours.paths.keys() & theirs.paths.keys()):
        pair = [ours.paths[path], theirs.paths[path]]
        if OTHER_CONTENT.fullmatch(path):
            pair = [one._replace(content="", mtime=None) for one in pair]
        if OTHER_RIGHTS.fullmatch(path):
            pair = [one._replace(mode=None, owner=(0, 0)) for one in pair]
        yield path, tuple(pair)
