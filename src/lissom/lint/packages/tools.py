"""Packages of distributions that build or inspect software, and which an app at run time does not need."""

from __future__ import annotations

import re

__all__ = ["builds", "fetches", "inspects"]

_BUILDS = re.compile(
    r"build-essential|build-base|base-devel|development[ _-]tools|gcc(-[0-9.]+|-c\+\+|-toolset-.*)?|g\+\+(-[0-9.]+)?"
    r"|clang(-[0-9]+)?|llvm(-[0-9]+)?|cpp|make|cmake|ninja(-build)?|meson|autoconf|automake|libtool|autotools-dev"
    r"|pkg-?config|pkgconf|bison|flex|nasm|yasm|swig|gfortran|patch|binutils|dpkg-dev|debhelper|devscripts|fakeroot"
    r"|rpm-build|golang(-[0-9.]+|-go)?|rust|rustc|cargo|ghc|cabal-install|maven|gradle|ant|sbt|leiningen"
    r"|(default|openjdk-?[0-9]+)-jdk(-headless)?|java-[0-9.]+-openjdk-devel|openjdk[0-9]+|node-typescript|musl-dev"
    r"|linux-headers(-.*)?|kernel-(headers|devel)|.+-dev|.+-devel|.+-dev-bin|libc6?-dev|python3-dev|ruby-dev|protobuf-compiler"
)
_RUN_TIME = re.compile(r"(python3-)?(pip|setuptools)|gstreamer.*-dev-tools|tzdata-dev|udev|.*-udev|libudev.*[0-9]")
_INSPECTS = re.compile(
    r"vim(-tiny|-nox|-enhanced|-common)?|nano|emacs(-nox)?|neovim|ed|joe|mc|gdb(server)?|lldb(-[0-9]+)?|strace|ltrace"
    r"|valgrind|perf|linux-tools.*|tcpdump|nmap|telnet|inetutils-.*|net-tools|iputils-(ping|tracepath)|iputils"
    r"|dnsutils|bind9-(host|dnsutils)|bind-(utils|tools)|traceroute|mtr(-tiny)?|netcat(-.*)?|nc|ncat|socat|iperf3?"
    r"|htop|iotop|atop|lsof|tree|tmux|screen|less|man|man-db|man-pages|manpages(-dev)?|zsh|fish|bash-completion|ftp|lynx"
    r"|openssh-server|sudo|iftop|sysstat|dstat|mlocate|plocate|apt-utils|apt-transport-https"
    r"|software-properties-common|mysql-client|wget2|.+-docs?|.+-dbg(sym)?|.+-debuginfo|.+-debugsource"
    r"|locales-all|glibc-all-langpacks|texlive-full|linux-firmware|ubuntu-desktop|xfce4|popularity-contest"
)
_FETCHES = re.compile(
    r"git(-core|-lfs)?|subversion|mercurial|curl|wget|unzip|zip|p7zip(-full)?|gnupg2?|gpg|rsync|dirmngr"
)


def builds(name: str) -> bool:
    """Whether it compiles or is there to compile against: compilers, headers, build systems, JDKs."""
    return bool(_BUILDS.fullmatch(name.lower())) and not _RUN_TIME.fullmatch(name.lower())


def inspects(name: str) -> bool:
    """Whether people use it by hand: editors, debuggers, network and process tools, manuals."""
    return bool(_INSPECTS.fullmatch(name.lower()))


def fetches(name: str) -> str:
    """The program that the package is there for when that fetches or unpacks things; empty for other packages."""
    if not _FETCHES.fullmatch(name.lower()):
        return ""
    return {"git-core": "git", "subversion": "svn", "mercurial": "hg", "gnupg": "gpg", "gnupg2": "gpg"}.get(name, name)
