"""Which of the Debian packages that a file installs an app needs when it runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from lissom.lint.stages.runtimes import ALPINE

__all__ = ["has_tools", "runtime_packages"]

# Packages with which people build or look around. Programs that an app could call (curl, git, less) are not among them.
_TOOLS_NAMES = (
    "ack ant apt-transport-https apt-utils autoconf automake bash-completion bison build-essential cargo ccache "
    "checkinstall clang cmake cpp cython3 debhelper debian-keyring default-jdk default-jdk-headless devscripts "
    "dpkg-dev ed emacs emacs-nox equivs fakeroot flex g++ gcc gdb gdbserver gettext gfortran golang golang-go "
    "gradle htop joe libc-dev libc6-dev libtool linux-headers-amd64 lldb lsb-release m4 make man-db manpages "
    "manpages-dev maven mc meson nano nasm ninja-build node-gyp npm patch pkg-config pkgconf python-dev "
    "python3-dev python3-pip python3-setuptools python3-venv python3-wheel quilt re2c ruby-dev rustc screen "
    "software-properties-common strace swig tmux valgrind vim vim-nox vim-tiny yarn yasm"
)
_TOOLS = frozenset(_TOOLS_NAMES.split())
_NAME = re.compile(r"[=:/<>~]")
_TOOL_NAMES = re.compile(r"(?:g\+\+|gcc|gfortran|clang|llvm|libstdc\+\+|golang|openjdk|python3\.)-?\d*(?:-jdk.*|-dev)?")

# Development packages whose library keeps one name from bullseye to trixie, virtual names counted.
_LIBRARIES = {
    "default-libmysqlclient-dev": "libmariadb3",
    "libasound2-dev": "libasound2",
    "libatlas-base-dev": "libatlas3-base",
    "libbz2-dev": "libbz2-1.0",
    "libcairo2-dev": "libcairo2",
    "libcurl4-gnutls-dev": "libcurl3-gnutls",
    "libcurl4-openssl-dev": "libcurl4",
    "libev-dev": "libev4",
    "libevent-dev": "libevent-2.1-7",
    "libexpat1-dev": "libexpat1",
    "libfreetype-dev": "libfreetype6",
    "libfreetype6-dev": "libfreetype6",
    "libfontconfig1-dev": "libfontconfig1",
    "libgeos-dev": "libgeos-c1v5",
    "libglib2.0-dev": "libglib2.0-0",
    "libgmp-dev": "libgmp10",
    "libharfbuzz-dev": "libharfbuzz0b",
    "libjpeg-dev": "libjpeg62-turbo",
    "libjpeg62-turbo-dev": "libjpeg62-turbo",
    "liblcms2-dev": "liblcms2-2",
    "liblz4-dev": "liblz4-1",
    "liblzma-dev": "liblzma5",
    "libmagic-dev": "libmagic1",
    "libmariadb-dev": "libmariadb3",
    "libmemcached-dev": "libmemcached11",
    "libncurses-dev": "libncurses6",
    "libncurses5-dev": "libncurses6",
    "libncursesw5-dev": "libncursesw6",
    "libonig-dev": "libonig5",
    "libopenblas-dev": "libopenblas0",
    "libopus-dev": "libopus0",
    "libpango1.0-dev": "libpango-1.0-0",
    "libpcre2-dev": "libpcre2-8-0",
    "libpcre3-dev": "libpcre3",
    "libpng-dev": "libpng16-16",
    "libpq-dev": "libpq5",
    "librdkafka-dev": "librdkafka1",
    "libreadline-dev": "libreadline8",
    "libsasl2-dev": "libsasl2-2",
    "libsnappy-dev": "libsnappy1v5",
    "libsodium-dev": "libsodium23",
    "libsqlite3-dev": "libsqlite3-0",
    "libtiff5-dev": "libtiff6",
    "libuv1-dev": "libuv1",
    "libxml2-dev": "libxml2",
    "libxslt1-dev": "libxslt1.1",
    "libxslt-dev": "libxslt1.1",
    "libyaml-dev": "libyaml-0-2",
    "libzip-dev": "libzip4",
    "libzmq3-dev": "libzmq5",
    "libzstd-dev": "libzstd1",
    "unixodbc-dev": "unixodbc",
    "uuid-dev": "libuuid1",
    "zlib1g-dev": "zlib1g",
}

# Those whose library's name says which release it is of.
_BY_RELEASE = {
    "bullseye": {
        "libssl-dev": "libssl1.1",
        "libffi-dev": "libffi7",
        "libicu-dev": "libicu67",
        "libtiff5-dev": "libtiff5",
    },
    "bookworm": {
        "libssl-dev": "libssl3",
        "libffi-dev": "libffi8",
        "libicu-dev": "libicu72",
        "libwebp-dev": "libwebp7",
        "libldap2-dev": "libldap-2.5-0",
        "libldap-dev": "libldap-2.5-0",
        "libgdal-dev": "libgdal32",
        "libproj-dev": "libproj25",
    },
    "trixie": {
        "libffi-dev": "libffi8",
        "libicu-dev": "libicu76",
        "libwebp-dev": "libwebp7",
        "libtiff5-dev": "libtiff6",
    },
}


_ALPINE_TOOL_NAMES = (
    "alpine-sdk autoconf automake binutils build-base cargo clang cmake g++ gcc gfortran go libc-dev libtool "
    "linux-headers make maven musl-dev nano ninja npm openjdk17-jdk patch pkgconf python3-dev rust vim"
)
_ALPINE_TOOLS = frozenset(_ALPINE_TOOL_NAMES.split())
_ALPINE_LIBRARIES = {
    "curl-dev": "libcurl",
    "freetype-dev": "freetype",
    "icu-dev": "icu-libs",
    "jpeg-dev": "libjpeg-turbo",
    "libffi-dev": "libffi",
    "libjpeg-turbo-dev": "libjpeg-turbo",
    "libpng-dev": "libpng",
    "libpq-dev": "libpq",
    "libxml2-dev": "libxml2",
    "libxslt-dev": "libxslt",
    "mariadb-dev": "mariadb-connector-c",
    "ncurses-dev": "ncurses-libs",
    "openssl-dev": "openssl",
    "postgresql-dev": "libpq",
    "readline-dev": "readline",
    "sqlite-dev": "sqlite-libs",
    "vips-dev": "vips",
    "yaml-dev": "yaml",
    "zlib-dev": "zlib",
}


def runtime_packages(packages: Iterable[str], release: str, called: Collection[str] = ()) -> tuple[str, ...]:
    """Those of ``packages`` to install where the app runs, once each, versions kept.

    Tools for building, editing and debugging are left out, a development package becomes its library where that can be
    told for the ``release`` of Debian ("": not known), and stays where it cannot. Tools that are ``called`` stay too.
    """
    tools, libraries = _TOOLS, _LIBRARIES | _BY_RELEASE.get(release, {})
    if release == ALPINE:
        tools, libraries = _ALPINE_TOOLS, _ALPINE_LIBRARIES
    found: dict[str, None] = {}
    for package in packages:
        name = _NAME.split(package, maxsplit=1)[0]
        if name not in called and (name in tools or (release != ALPINE and _TOOL_NAMES.fullmatch(name))):
            continue
        found[libraries.get(name, package)] = None
    return tuple(found)


def has_tools(packages: Iterable[str], release: str = "") -> bool:
    """Whether some of ``packages`` are for building only."""
    listed = list(packages)
    return set(runtime_packages(listed, release)) != set(listed) or any(package.endswith("-dev") for package in listed)
