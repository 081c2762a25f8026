"""Small files and directories that any program may count on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_DIRECTORIES = """
bin sbin lib lib32 lib64 libx32 dev proc sys run run/lock tmp var var/tmp var/run var/lock var/log var/lib var/cache
var/spool etc home root usr usr/bin usr/sbin usr/lib usr/local usr/local/bin usr/local/sbin usr/local/lib usr/share
mnt media opt srv boot
"""
_FILES = """
passwd group nsswitch.conf hosts host.conf hostname resolv.conf services protocols networks netconfig rpc ethers
mime.types gai.conf os-release debian_version alpine-release redhat-release lsb-release system-release issue ld.so.conf
ld.so.cache localtime timezone mtab machine-id environment shells mailcap
"""
_PARTS = ("etc/ld.so.conf.d", "etc/ssl/openssl.cnf", "usr/lib/ssl", "usr/lib/os-release", "etc/pki/tls/openssl.cnf")
_MIME = ("usr/share/mime/globs2", "usr/local/share/mime/globs2", "etc/apache2/mime.types", "etc/httpd/conf/mime.types")
_SHADOW = ("etc/shadow", "etc/gshadow", "etc/login.defs", "etc/pam.conf", "etc/subuid", "etc/subgid")
_NO_NEED = re.compile(
    r"^(?:usr/(?:share|lib|include|src|games)|etc|boot|lib|dev|proc|sys|var/(?:lib/(?:apt|dpkg|systemd|pam|ucf)|cache/(?:apt"
    r"|debconf|man|ldconfig)|backups|mail|opt|local|log/apt))(?:/|$)"
)
_FIRST_USER = 1000
_NOBODY = 65534


def _directories(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del scene, keeps
    for path in _DIRECTORIES.split():
        yield Keep(path, "directories", "")


def _waiting(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Directories to write in: empty ones, and all below var. Not those of packages that go."""
    kept = {owner.name for path in keeps if (owner := scene.owner(path)) is not None}
    mine = {path for package in scene.packages.system if package.name in kept for path in package.directories}
    packaged = {path for package in scene.packages.system for path in package.directories}
    for path in _candidates(scene):
        if (path in mine and path.startswith("var/")) or (path not in packaged and not _NO_NEED.match(path)):
            yield Keep(path, "waiting directories", "")


def _candidates(scene: Scene) -> tuple[str, ...]:
    found = scene.memo.get("system.candidates")
    if found is None:
        directories = (path for path in scene.tree if path and scene.tree[path].is_directory)
        found = tuple(path for path in directories if path.startswith("var/") or not scene.tree.children(path))
        scene.memo["system.candidates"] = found
    return tuple(found)


def _files(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    for name in _FILES.split():
        yield Keep(f"etc/{name}", "system", "")
    for path in (*_PARTS, *_MIME):
        yield Keep(path, "system", "")
    for path in (*scene.children("etc/ld.so.conf.d"), *scene.children("usr/lib/ssl")):
        yield Keep(path, "system", "")


def _homes(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Homes of people; those of the system's own users are its packages' affair."""
    del keeps
    for line in scene.text("etc/passwd").splitlines():
        fields = line.split(":")
        if len(fields) > 5 and fields[2].isdigit():
            number = int(fields[2])
            if number == 0 or _FIRST_USER <= number < _NOBODY:
                yield Keep(fields[5], "homes", fields[0])


def _accounts(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """Passwords and the rules for them, for programs that check who somebody is."""
    elf = scene.elf(keep.path)
    if elf is None or not elf.interpreter or not {"pam_start", "getspnam", "getspnam_r"} & elf.imports:
        return
    for path in _SHADOW:
        yield Keep(path, "accounts", keep.path)
    if "pam_start" in elf.imports:
        for place in ("etc/pam.d", "etc/security", *_modules_of_pam(scene)):
            for entry in scene.below(place):
                yield Keep(entry.path, "accounts", keep.path)


def _modules_of_pam(scene: Scene) -> Iterator[str]:
    for base in ("lib", "usr/lib", *scene.children("usr/lib"), *scene.children("lib")):
        if scene.is_directory(f"{base}/security"):
            yield f"{base}/security"


RULES = (
    Rule("directories", "A directory that every system has.", family=_directories, strict=True),
    Rule("system", "A small file that any program may ask for.", family=_files),
    Rule("waiting directories", "A directory that waits for what will be written there.", family=_waiting),
    Rule("homes", "The home of a user.", family=_homes),
    Rule("accounts", "What checks a user's password.", _accounts),
)
