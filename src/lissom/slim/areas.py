"""Which directories a language or a package manager keeps in order, and which files are the app's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from lissom.rootfs.entry import Kind, parent_of

if TYPE_CHECKING:
    from lissom.rootfs.tree import Tree
    from lissom.slim.scene import Scene

__all__ = ["Areas", "areas"]

_SYSTEM = """
boot dev proc run sys tmp etc/alternatives etc/apk etc/apt etc/ca-certificates etc/dpkg etc/init.d etc/pam.d etc/rc0.d
etc/rc1.d etc/rc2.d etc/rc3.d etc/rc4.d etc/rc5.d etc/rc6.d etc/rcS.d etc/skel etc/ssl etc/systemd lib/apk
usr/lib/locale usr/lib/sysimage usr/share/applications usr/share/bug usr/share/doc usr/share/icons usr/share/info
usr/share/locale usr/share/man usr/share/mime usr/share/zoneinfo usr/local/doc usr/local/include usr/local/man
usr/local/share/ca-certificates usr/local/share/doc usr/local/share/man var/backups var/cache var/lib/apk var/lib/apt
var/lib/dbus var/lib/dpkg var/lib/pam var/lib/rpm var/lib/systemd var/lib/ucf var/log var/mail var/run var/spool var/tmp
etc/passwd etc/group etc/shadow etc/gshadow etc/passwd- etc/group- etc/shadow- etc/gshadow- etc/subuid etc/subgid
etc/subuid- etc/subgid- etc/.pwd.lock etc/ld.so.cache etc/ld.so.conf etc/machine-id etc/hostname etc/hosts
etc/resolv.conf etc/localtime etc/timezone etc/mtab etc/environment etc/mailcap etc/debian_version etc/os-release
"""
"""What maintainer scripts and installers write although no package lists it, and what no image should hold."""
_DISTRIBUTION = """
bin sbin lib lib32 lib64 libx32 usr/bin usr/sbin usr/lib usr/lib64 usr/libexec usr/share usr/include usr/games etc
"""
"""Where files are the distribution's when no package database says whose they are."""
_CLUTTER = """
.git .hg .svn .bzr CVS __pycache__ .cache .npm .pytest_cache .mypy_cache .ruff_cache .tox .nox _cacache .yarn-cache
.gradle .m2 .ivy2 .nyc_output .parcel-cache .turbo .sass-cache .idea .vscode .terraform
"""
"""Names of directories of version control, caches and editors."""
_CLUTTER_NAMES = frozenset(_CLUTTER.split())
_SITES = frozenset(("site-packages", "dist-packages"))
_PERL = re.compile(r"(?<!share/doc)/(?:perl-base|perl/5[.\d]*|(?:perl5|site_perl|vendor_perl)(?:/5[.\d]*)?)$")
_RUNTIME = re.compile(
    r"(?:^|/)s?bin/(?:python[\d.]*(?:-config)?|pip[\d.]*|2to3[-\d.]*|idle[\d.]*|pydoc[\d.]*|node|nodejs|corepack|npm|npx"
    r"|yarn|yarnpkg|ruby[\d.]*|erb|irb|gem|bundle|bundler|rake|rdoc|ri|rbs|racc|typeprof|perl[\d.]*|cpan[\d.]*|php[\d.]*"
    r"|php-cgi|php-fpm[\d.]*|phpize|php-config|phar(?:\.phar)?|java|go|gofmt|deno|bun|docker-php-[\w-]+)$"
    r"|(?:^|/)lib/lib(?:python[\d.]+|ruby|perl|php)[\w.-]*\.so[\d.]*$"
)


@dataclass(frozen=True)
class Areas:
    """Directories of languages, as paths of the tree; ``areas(scene)`` finds them."""

    scene: Scene = field(repr=False)
    python_stdlibs: tuple[str, ...] = ()
    """Directories with Python's own library, each with ``os.py`` and ``encodings``."""

    python_sites: tuple[str, ...] = ()
    """Directories named site-packages or dist-packages."""

    node_modules: tuple[str, ...] = ()
    """Directories that Node looks for packages in: all named node_modules, and Debian's own."""

    npm_homes: tuple[str, ...] = ()
    """Where a package manager of Node is installed outside of every node_modules (yarn in /opt)."""

    rubies: tuple[str, ...] = ()
    """Directories with Ruby's library: standard, of the vendor and of the site, also those for one architecture."""

    gem_homes: tuple[str, ...] = ()
    """Directories with ``gems`` and ``specifications``."""

    perls: tuple[str, ...] = ()
    """Directories in which Perl looks for modules."""

    composers: tuple[str, ...] = ()
    """Composer's directories named vendor."""

    jdks: tuple[str, ...] = ()
    """Homes of Java runtimes and development kits."""

    toolchains: tuple[str, ...] = ()
    """Roots of Go and Rust installations, and the sources and objects that they download."""

    _verdicts: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _managed(self) -> frozenset[str]:
        found = (self.python_stdlibs, self.python_sites, self.node_modules, self.npm_homes, self.rubies, self.gem_homes)
        more = (self.perls, self.composers, self.jdks, self.toolchains)
        return frozenset(path for group in (*found, *more) for path in group)

    @cached_property
    def _foreign(self) -> frozenset[str]:
        known = any(package.kind in ("deb", "apk", "rpm") for package in self.scene.packages.all)
        return self._managed.union(_SYSTEM.split(), () if known else _DISTRIBUTION.split())

    def _is_foreign(self, directory: str) -> bool:
        """Whether what is in ``directory``, or above it, is somebody else's business; remembered."""
        if not directory:
            return False
        if directory not in self._verdicts:
            name = directory.rpartition("/")[2]
            foreign = directory in self._foreign or name in _CLUTTER_NAMES
            self._verdicts[directory] = foreign or self._is_foreign(parent_of(directory))
        return self._verdicts[directory]

    def managed(self, path: str) -> bool:
        """Whether ``path`` is in a directory that a language's installer keeps in order."""
        return any(above in self._managed for above in _upwards(path))

    def own(self, path: str) -> bool:
        """Whether the file at ``path``, links followed, is the app's own: its code, data and configuration.

        That is one that no package of the system or of a language brought, outside of what languages and the system
        keep in order, no runtime, and nothing of version control or of a cache.
        """
        real = self.scene.resolve(path)
        return real in self._own

    @cached_property
    def own_files(self) -> tuple[str, ...]:
        """All regular files that are the app's own, in path order."""
        return tuple(path for path in self.scene.tree if self._is_own(path))

    @cached_property
    def _local(self) -> frozenset[str]:
        """Files of Python distributions that were installed from a directory: the app itself, by PEP 610."""
        found: set[str] = set()
        for package in self.scene.packages.all:
            for record in package.records if package.kind == "python" else ():
                if record.endswith("/direct_url.json") and '"file:' in self.scene.text(record):
                    found.update(path for path in package.files if not path.endswith(".pyc"))
        return frozenset(found)

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(self.own_files)

    def _is_own(self, path: str) -> bool:
        if self.scene.tree[path].kind is not Kind.FILE or _RUNTIME.search(path):
            return False
        if path in self._local:
            return True
        if path in self._foreign or self._is_foreign(parent_of(path)):
            return False
        return self.scene.owner(path) is None and self.scene.packages.language_owner(path) is None


def areas(scene: Scene) -> Areas:
    """The areas of a scene's tree, found once."""
    found = scene.memo.get("areas")
    if not isinstance(found, Areas):
        found = scene.memo["areas"] = _find(scene)
    return found


def _upwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = parent_of(path)


def _find(scene: Scene) -> Areas:
    tree = scene.tree
    directories = [path for path in tree if tree[path].is_directory]
    named: dict[str, list[str]] = {}
    for path in directories:
        named.setdefault(path.rpartition("/")[2], []).append(path)
    homes = ("usr/share/nodejs", "usr/lib/nodejs")
    return Areas(
        scene=scene,
        python_stdlibs=_parents(path for path in named.get("encodings", ()) if f"{parent_of(path)}/os.py" in tree),
        python_sites=tuple(path for name in sorted(_SITES) for path in named.get(name, ())),
        node_modules=(*named.get("node_modules", ()), *(path for path in homes if path in tree)),
        npm_homes=_grandparents(tree, ("bin/yarn.js", "bin/pnpm.cjs", "bin/npm-cli.js", "dist/corepack.js")),
        rubies=tuple(path for path in directories if _is_ruby(path)),
        gem_homes=_parents(path for path in named.get("specifications", ()) if f"{parent_of(path)}/gems" in tree),
        perls=tuple(path for path in directories if _PERL.search(path)),
        composers=tuple(path for path in named.get("vendor", ()) if f"{path}/composer/installed.json" in tree),
        jdks=_jdks(tree, named),
        toolchains=_toolchains(tree, named),
    )


def _parents(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parent_of(path) for path in paths))


def _grandparents(tree: Tree, ends: tuple[str, ...]) -> tuple[str, ...]:
    homes = [path[: -len(end) - 1] for path in tree for end in ends if path.endswith(f"/{end}")]
    return tuple(dict.fromkeys(home for home in homes if f"{home}/package.json" in tree))


def _is_ruby(path: str) -> bool:
    parts = path.split("/")
    if "ruby" not in parts[:-1] or "lib" not in parts:
        return False
    last = parts[-1]
    return last in ("vendor_ruby", "site_ruby") or (
        parts[-2] == "ruby" and re.fullmatch(r"\d+\.\d+\.\d+", last) is not None
    )


def _jdks(tree: Tree, named: dict[str, list[str]]) -> tuple[str, ...]:
    marks = ("lib/modules", "lib/rt.jar", "jre/lib/rt.jar", "lib/jvm.cfg", "jmods/java.base.jmod")
    homes = [parent_of(path) for path in named.get("bin", ()) if f"{path}/java" in tree]
    return tuple(home for home in homes if home and any(f"{home}/{mark}" in tree for mark in marks))


def _toolchains(tree: Tree, named: dict[str, list[str]]) -> tuple[str, ...]:
    go = [parent_of(path) for path in named.get("src", ()) if f"{path}/runtime" in tree and f"{path}/go" in tree]
    modules = [parent_of(parent_of(path)) for path in named.get("download", ()) if path.endswith("/mod/cache/download")]
    rust = [path for name in ("rustup", ".rustup", ".cargo") for path in named.get(name, ())]
    crates = [path for path in named.get("registry", ()) if f"{path}/index" in tree or f"{path}/cache" in tree]
    return tuple(path for path in (*go, *modules, *rust, *crates) if path)
