"""Programs that help who got in: shells, package managers, interpreters, compilers, network tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Kind, parent_of
from lissom.rootfs.tree import Tree

__all__ = ["programs"]

_PLACE = re.compile(r"^(?!.*node_modules/)(.*/)?s?bin$")
_VERSION = r"(-?\d+(\.\d+)*)?"
_CROSS = r"((x86_64|aarch64|i686|arm|riscv64|powerpc64le|s390x)-[a-z0-9_-]+-)?"


def _names(words: str, *, before: str = "", after: str = "") -> re.Pattern[str]:
    return re.compile(before + "(" + "|".join(map(re.escape, words.split())) + ")" + after)


# A busybox is all of these at once, whatever names it has.
_GROUPS: Mapping[str, re.Pattern[str]] = {
    "shells": _names("sh bash rbash dash ash zsh ksh ksh93 mksh fish csh tcsh busybox toybox", after=r"(\.static)?"),
    "package_managers": _names(
        "apt apt-get apt-cache apt-key aptitude dpkg apk rpm yum dnf microdnf tdnf zypper pacman pip npm npx yarn"
        " yarnpkg pnpm corepack gem bundle bundler composer cargo conda mamba micromamba uv poetry pipx easy_install"
        " cpan cpanm pecl pear luarocks nix-env snap flatpak opkg",
        after=_VERSION,
    ),
    "interpreters": _names(
        "python pypy perl ruby jruby node nodejs deno bun php php-cgi php-fpm lua luajit tclsh wish java jshell guile"
        " awk gawk mawk nawk original-awk erl escript ghci julia Rscript",
        after=_VERSION + r"(-minimal|t|m|dm?)?",
    ),
    "compilers": _names(
        "gcc g++ cc c++ cpp c89 c99 clang clang++ tcc ld ld.bfd ld.gold ld.lld as make gmake cmake ninja go gofmt"
        " rustc javac ghc gfortran gdc nasm yasm cobc ocamlc ocamlopt mcs csc tsc swiftc",
        before=_CROSS,
        after=_VERSION,
    ),
    "network_tools": _names(
        "curl wget wget2 aria2c lynx w3m links nc ncat netcat nc.openbsd nc.traditional socat telnet ftp lftp tftp ssh"
        " sshd scp sftp rsync nmap masscan tcpdump tshark dig host nslookup ping ping6 traceroute arping ip ss iptables"
        " nft openssl busybox toybox git svn hg",
    ),
}  # fmt: skip


def programs(tree: Tree, path: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """The programs of each group, sorted; of several names of one file the file's own, if that tells.

    Programs are files that may be executed in directories called bin or sbin, but for those of dependencies, and in
    those of ``path``.
    """
    places = {_resolved(tree, word) for word in path}
    found: dict[str, dict[str, set[str]]] = {group: {} for group in _GROUPS}
    for name in tree:
        directory, _, last = name.rpartition("/")
        if directory not in places and not _PLACE.search(directory):
            continue
        groups = [group for group, pattern in _GROUPS.items() if pattern.fullmatch(last)]
        real = _program(tree, name) if groups else None
        if real is not None:
            for group in groups:
                found[group].setdefault(real, set()).add(name)
    return {group: tuple(sorted(_told(real, names) for real, names in by.items())) for group, by in found.items()}


def _program(tree: Tree, path: str) -> str | None:
    """The file that a name leads to, as its inode where it has one; None when nobody may execute it."""
    entry = tree.get(_resolved(tree, path))
    if entry is None or entry.kind is not Kind.FILE or not entry.mode & 0o111:
        return None
    return entry.path


def _told(real: str, names: set[str]) -> str:
    return real if real in names else min(names)


def _resolved(tree: Tree, path: str) -> str:
    try:
        return tree.resolve(path)
    except IntegrityError:
        return parent_of(path)
