"""Which live files are waste by where they are and what they are called. Patterns are of directories and of names.

A directory's pattern is searched in its path with slashes at both ends: ``/x/`` is x anywhere, ``^/x/`` is at the root.
Within a kind the first line that fits tells the detail; of a directory's and a name's the earlier kind counts.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lissom.analysis.ledger.share import WasteKind

__all__ = ["by_package", "by_place"]

_LISTS, _CACHE, _VCS = WasteKind.PACKAGE_LISTS, WasteKind.LANGUAGE_CACHE, WasteKind.VCS
_TOOLS, _DEBUG, _DOCS, _JUNK = WasteKind.BUILD_TOOLS, WasteKind.DEBUG, WasteKind.DOCS, WasteKind.JUNK
Found = tuple[WasteKind, str]

_DIRECTORIES: tuple[tuple[WasteKind, str, str], ...] = (
    (_LISTS, "apt lists", r"^/var/lib/apt/(lists|mirrors)/"),
    (_LISTS, "apt archives", r"^/var/cache/apt/archives/|^/var/cache/apt-"),
    (_LISTS, "apt package cache", r"^/var/cache/apt/"),
    (_LISTS, "apk cache", r"^/var/cache/apk/|^/etc/apk/cache/|^/lib/apk/cache/|^/usr/lib/apk/cache/"),
    (_LISTS, "dnf cache", r"^/var/cache/(lib)?dnf5?/|^/var/lib/dnf/(repos|system-upgrade)/|/\.cache/libdnf5?/"),
    (_LISTS, "yum cache", r"^/var/cache/yum/|^/var/lib/yum/(repos|yumdb)/|^/var/tmp/yum-"),
    (_LISTS, "zypper cache", r"^/var/cache/zypp/|^/var/cache/zypper/|^/var/lib/zypp/cache/"),
    (_LISTS, "pacman cache", r"^/var/cache/pacman/|^/var/lib/pacman/sync/"),
    (_LISTS, "xbps cache", r"^/var/cache/xbps/"),
    (_LISTS, "snap cache", r"^/var/lib/snapd/cache/"),
    (_LISTS, "Homebrew cache", r"/\.cache/Homebrew/"),
    (_CACHE, "pip cache", r"/\.cache/pip/|^/tmp/pip-|/pip-(ephem-wheel-cache|unpack|build|install)-"),
    (_CACHE, "uv cache", r"/\.cache/uv/"),
    (_CACHE, "poetry cache", r"/\.cache/pypoetry/"),
    (_CACHE, "pipenv cache", r"/\.cache/pipenv/"),
    (_CACHE, "PDM cache", r"/\.cache/pdm/"),
    (_CACHE, "npm cache", r"/\.npm/(_cacache|_logs|_npx|_prebuilds|_libvips|_update-notifier)|/\.npm/$"),
    (_CACHE, "npm cache", r"/node_modules/\.cache/|/_cacache/(content-v2|index-v5|tmp)/"),
    (_CACHE, "node-gyp cache", r"/\.cache/node-gyp/|/\.node-gyp/"),
    (_CACHE, "corepack cache", r"/\.cache/node/corepack/|/\.cache/node/"),
    (_CACHE, "yarn cache", r"/\.cache/yarn/|/\.yarn/(berry/)?cache/|/\.yarn-cache/|^/tmp/v8-compile-cache|/yarn--"),
    (_CACHE, "yarn cache", r"^/usr/local/share/\.cache/yarn/|/\.config/yarn/"),
    (_CACHE, "pnpm store", r"/\.local/share/pnpm/store/|/\.pnpm-store/|/\.cache/pnpm/|/pnpm/store/v\d+/"),
    (_CACHE, "bun cache", r"/\.bun/install/cache/"),
    (_CACHE, "Deno cache", r"/\.cache/deno/|^/deno-dir/"),
    (_CACHE, "browser downloads", r"/\.cache/(Cypress|puppeteer|ms-playwright|electron|electron-builder)/"),
    (_CACHE, "Go module cache", r"/go/pkg/(mod|sumdb)/|^/gomodcache/"),
    (_CACHE, "Go build cache", r"/\.cache/go-build/"),
    (_CACHE, "cargo registry", r"/\.?cargo/(registry|git)/"),
    (_CACHE, "sccache", r"/\.cache/sccache/"),
    (_CACHE, "Maven repository", r"/\.m2/(repository|wrapper)/"),
    (_CACHE, "Gradle cache", r"/\.gradle/|^/home/gradle/\.gradle/"),
    (_CACHE, "Ivy cache", r"/\.ivy2/|/\.cache/coursier/|/\.sbt/boot/"),
    (_CACHE, "gem cache", r"/gems/[\d.]+/cache/|/bundle/ruby/[\d.]+/cache/|/\.gem/(ruby/[\d.]+/cache|specs)/"),
    (_CACHE, "gem cache", r"/\.bundle/cache/|^/usr/local/bundle/cache/|/\.cache/gem/|^/var/lib/gems/[\d.]+/cache/"),
    (_CACHE, "composer cache", r"/\.composer/cache/|/\.cache/composer/"),
    (_CACHE, "PEAR cache", r"^/tmp/pear/|/pear/(cache|download|temp)/"),
    (_CACHE, "NuGet cache", r"/\.nuget/|/\.local/share/NuGet/|/NuGet/v3-cache/|/NuGetScratch/"),
    (_CACHE, "conda packages", r"/(ana|mini)?conda3?/pkgs/|/\.conda/pkgs/|/(mini|mamba)forge3?/pkgs/"),
    (_CACHE, "CPAN cache", r"/\.cpan/|/\.cpanm/"),
    (_CACHE, "Hex and Rebar cache", r"/\.hex/(packages|cache)|/\.cache/rebar3/"),
    (_CACHE, "Cabal and Stack packages", r"/\.cabal/packages/|/\.stack/(pantry|programs|indices)/"),
    (_CACHE, "Dart packages", r"/\.pub-cache/"),
    (_CACHE, "R packages", r"^/tmp/Rtmp|^/tmp/downloaded_packages/"),
    (_CACHE, "models and data sets", r"/\.cache/huggingface/(hub/)?\.locks/"),
    (_CACHE, "ccache", r"/\.ccache/|/\.cache/ccache/"),
    (_CACHE, "type checker's cache", r"/\.(mypy|pytest|ruff)_cache/|/\.tox/|/\.nox/"),
    (_CACHE, "compiled Python", r"/__pycache__/"),
    (_VCS, "git repository", r"/\.git/"),
    (_VCS, "Mercurial repository", r"/\.hg/"),
    (_VCS, "Subversion data", r"/\.svn/"),
    (_VCS, "Bazaar repository", r"/\.bzr/"),
    (_VCS, "CVS data", r"/CVS/"),
    (_TOOLS, "Go toolchain", r"^/usr/local/go/(pkg|src|test|bin|misc|api|lib)/|^/usr/local/go/$"),
    (_TOOLS, "Go toolchain", r"^/usr/(lib|share)/go-[\d.]+/"),
    (_TOOLS, "Rust toolchain", r"/\.?rustup/|/\.?cargo/bin/"),
    (_TOOLS, "JDK's modules and sources", r"/jmods/|/(jdk|jvm|java)[^/]*/.*demo/"),
    (_TOOLS, ".NET SDK", r"/dotnet/(sdk|packs|templates|sdk-manifests)/"),
    (_TOOLS, "compiler", r"/lib/gcc/|/libexec/gcc/|/lib/llvm-[\d.]+/(bin|lib/clang)/"),
    (_DEBUG, "debug files", r"^/usr/lib/debug/|/\.debug/|\.dSYM/"),
    (_DEBUG, "headers", r"^/usr/(local/)?include/|^/usr/(local/)?lib/.*/include/|^/opt/.*/include/"),
    (_DEBUG, "build descriptions", r"/pkgconfig/|/lib/cmake/|^/usr/share/aclocal/"),
    (_DOCS, "documentation", r"^/usr/(local/)?share/(doc|doc-base|gtk-doc|devhelp|help)/|^/usr/(local/)?doc/"),
    (_DOCS, "manual pages", r"^/usr/(local/)?(share/)?man/|/share/man/"),
    (_DOCS, "info pages", r"^/usr/(local/)?(share/)?info/"),
    (_DOCS, "locales", r"^/usr/(local/)?share/(locale|locale-langpack|i18n)/|^/usr/lib/locale/"),
    (_DOCS, "package checks", r"^/usr/share/(lintian|linda|bug|apport)/"),
    (_DOCS, "documentation", r"/gems/[^/]+/doc/|/lib/ruby/gems/[\d.]+/doc/|^/var/lib/gems/[\d.]+/doc/|/share/ri/"),
    (_JUNK, "logs", r"^/var/log/"),
    (_JUNK, "debconf", r"^/var/cache/debconf/"),
    (_JUNK, "caches", r"^/var/cache/(man|ldconfig|fontconfig)/"),
    (_JUNK, "temporary files", r"^/tmp/|^/var/tmp/"),
    (_JUNK, "backups", r"^/var/backups/"),
    (_JUNK, "editor's files", r"/\.(idea|vscode)/"),
)  # fmt: skip

_NAMES: tuple[tuple[WasteKind, str, str], ...] = (
    (_LISTS, "apk cache", r"APKINDEX\..*\.tar\.gz"),
    (_CACHE, "compiled Python", r".*\.py[co]"),
    (_CACHE, "yarn cache", r"\.yarn-integrity|\.yarn-state\.yml"),
    (_CACHE, "TypeScript build data", r".*\.tsbuildinfo"),
    (_TOOLS, "JDK's modules and sources", r"(src\.zip|ct\.sym)"),
    (_DEBUG, "static libraries", r"lib.*\.a|.*\.la"),
    (_DEBUG, "headers", r".*\.(h|hh|hpp|hxx)"),
    (_DEBUG, "object files", r".*\.(o|gch|pch)"),
    (_DEBUG, "source maps", r".*\.(js|css|mjs|cjs)\.map"),
    (_JUNK, "old copies", r"(status|diversions|statoverride|available|passwd|group|g?shadow|sub[ug]id)-(old)?"),
    (_JUNK, "old copies", r"(templates|config|passwords)\.dat-old"),
    (_JUNK, "logs", r"(npm|yarn|lerna|pnpm)-(debug|error)\.log.*|.*\.log(\.\d+)?(\.gz)?"),
    (_JUNK, "core dumps", r"core(\.\d+|\.dump)?"),
    (_JUNK, "editor's files", r".*\.sw[op]|.*~|\.DS_Store|Thumbs\.db"),
    (_JUNK, "wget's list", r"\.wget-hsts|\.lesshst|\.viminfo"),
)  # fmt: skip
_NO_DIRECTORY = re.compile(r"/(dist|site)-packages/.*/include/|/node_modules/")
_CORE = re.compile(r"^/usr/|^/lib|^/etc/")

_TOOL_PACKAGES = re.compile(
    r"(deb|apk) (build-essential|build-base|g?cc|g\+\+|gfortran|gdc|gnat|cpp|clang|llvm|lld|binutils|make|cmake|ninja|"
    r"ninja-build|samurai|meson|"
    r"autoconf|automake|autotools-dev|libtool|m4|bison|flex|gettext|pkg-config|pkgconf|patch|dpkg-dev|fakeroot|"
    r"debhelper|gdb|valgrind|strace|ltrace|linux-headers|linux-libc-dev|libc6-dev|libc-dev|musl-dev|libc-dev-bin|"
    r"python3?-dev|python3[.\d]*-dev|node-gyp|golang|golang-go|golang-src|rustc|cargo|maven|gradle|ant|default-jdk|"
    r"(openjdk-\d+|default)-jdk(-headless)?|ruby-dev|php-dev|scons|nasm|yasm|swig|rpm-build|git-buildpackage)"
    r"(-[\d.]+)?(-(common|doc|tools|data|base|go|src|x86-64-linux-gnu|aarch64-linux-gnu|multilib|"
    r"headers|libs|bin))*(-[\d.]+)?|(deb|apk) .*-dev(-bin|-tools)?|(deb|apk) (linux-headers|golang)-.*"
)

_BY_DIRECTORY = tuple((kind, detail, re.compile(pattern)) for kind, detail, pattern in _DIRECTORIES)
_BY_NAME = tuple((kind, detail, re.compile(pattern)) for kind, detail, pattern in _NAMES)
_ORDER = {kind: number for number, kind in enumerate(WasteKind)}


def by_place(path: str) -> Found | None:
    """Kind and detail of a file's waste by its path; None where that does not tell."""
    directory, _, name = path.rpartition("/")
    return _first(_of_directory(directory), _of_name(name, directory))


def by_package(package: str) -> Found | None:
    """Kind and detail of what belongs to ``package`` ("kind name"), should it be one that only builds need."""
    return (_TOOLS, package.partition(" ")[2]) if _is_tool(package) else None


@lru_cache(4096)
def _is_tool(package: str) -> bool:
    return not package.endswith("-base") and _TOOL_PACKAGES.fullmatch(package) is not None


def _first(one: Found | None, other: Found | None) -> Found | None:
    if one is None or other is None:
        return one or other
    return one if _ORDER[one[0]] <= _ORDER[other[0]] else other


@lru_cache(1 << 16)
def _of_directory(directory: str) -> Found | None:
    path = f"/{directory}/" if directory else "/"
    for kind, detail, pattern in _BY_DIRECTORY:
        if pattern.search(path):
            return None if detail == "headers" and _NO_DIRECTORY.search(path) else (kind, detail)
    return None


def _of_name(name: str, directory: str) -> Found | None:
    found = _by_suffix(name)
    if found is None:
        return None
    inside = f"/{directory}/"
    if found[1] == "core dumps" and _CORE.search(inside):
        return None
    if found[1] in ("headers", "object files") and _NO_DIRECTORY.search(inside):
        return None
    return found


@lru_cache(1 << 16)
def _by_suffix(name: str) -> Found | None:
    return next(((kind, detail) for kind, detail, pattern in _BY_NAME if pattern.fullmatch(name)), None)
