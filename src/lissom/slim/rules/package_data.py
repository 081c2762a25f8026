"""What belongs to a package of the system that is used: its configuration, its data, what it loads and runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.analysis.package import Package
from lissom.slim.areas import areas
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.linker import cost_of
from lissom.slim.rules.mention_paths import MANUALS
from lissom.slim.rules.plugins import COSTLY, is_library
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_SOME, _MUCH, _MOST = 8 << 20, 32 << 20, 512 << 20
"""How many bytes of a directory stay whole: of a package of which a library is used, of one whose program is, and of a
directory in which something was touched."""
_PROGRAMS = re.compile(r"^(?:usr/)?(?:local/)?(?:s?bin|games)/[^/]+$")
_ETC = re.compile(r"^etc/([^/]+)")
_PLACE = re.compile(
    r"^(?:usr/share/[^/]+|(?:opt|srv|var/(?:lib|www|spool))/[^/]+(?=/)"
    r"|(?:usr/)?(?:lib(?:/[^/]+-linux-[^/]+(?=/))?|lib64|libexec)/(?![^/]+-linux-)[^/]+(?=/))"
)
_NO_CONFIGURATION = """
alternatives apparmor.d apt bash_completion.d ca-certificates cron.d cron.daily cron.hourly cron.monthly cron.weekly
cron.yearly depmod.d dpkg init.d insserv.conf.d kernel logcheck logrotate.d modprobe.d modules-load.d pam.d rc0.d rc1.d
rc2.d rc3.d rc4.d rc5.d rc6.d rcS.d selinux skel sudoers.d sysctl.d systemd ufw udev update-motd.d xdg
"""
"""Parts of /etc that serve the starting of machines, maintenance and people who log in."""
_NO_DATA = """
aclocal applications apport base-files bash-completion binfmts bug build-essential ca-certificates cmake
common-licenses debconf debhelper debianutils dict doc doc-base dpkg emacs fish fonts gcc gdb gettext gir-1.0 glib-2.0
gnupg gtk-doc help i18n icons info java javascript keyrings libc-bin lintian locale locales man maven-repo menu
metainfo mime-info misc node_modules nodejs octave perl perl5 perl-openssl-defaults pixmaps pkgconfig polkit-1 python3
readline ruby-addons-by rubygems-integration sgml sgml-base systemd tabset terminfo util-linux vala vim xml xml-core
xul-ext zoneinfo zsh
"""
"""Parts of usr/share that are for people, for compilers, or kept by rules of their own."""
_NO_CODE = re.compile(
    r"/(?:apt|bfd-plugins|binfmt\.d|cmake|compat-ld|debug|dpkg|environment\.d|firmware|gcc|gconv|girepository-1\.0"
    r"|gold-ld|ifupdown|initramfs-tools|init|jvm|kernel|ldscripts|locale|lsb|mime|modprobe\.d|modules"
    r"|modules-load\.d|pkgconfig|ssl|python[\d.]*|ruby|perl[\d.]*|perl-base|sysctl\.d|systemd|sysusers\.d"
    r"|tmpfiles\.d|udev|valgrind|audit|libasan.*)$"
)


_FOR_COMPILERS = (".a", ".bc", ".cmake", ".h", ".hpp", ".la", ".mk", ".o", ".pc", ".pod")


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    used = _used(scene, keeps)
    for package, because_of, limit in used.values():
        others = (one for one in scene.packages.required(package) if one.name not in used and _is_data_only(one))
        for path in (path for each in (package, *others) for path in _of(scene, each, limit)):
            if path not in keeps and not (is_library(path) and cost_of(scene, path, keeps, COSTLY) > COSTLY):
                yield Keep(path, "package data", because_of)


def _used(scene: Scene, keeps: Keeps) -> dict[str, tuple[Package, str, int]]:
    """Packages by name that are used: what shows it, and how much that justifies."""
    used: dict[str, tuple[Package, str, int]] = {}
    for path in keeps:
        if _PROGRAMS.match(path) and (owner := scene.owner(path)) is not None:
            used.setdefault(owner.name, (owner, path, _MUCH))
    for path, sighting in scene.touched.items():
        owner = scene.owner(path) if sighting.kind in ("open", "exec") else None
        if owner is not None and not owner.name.endswith(MANUALS):
            used.setdefault(owner.name, (owner, path, _SOME))
    return used


def _of(scene: Scene, package: Package, limit: int) -> tuple[str, ...]:
    """What stays of a package because it is used at all; found once."""
    found = scene.memo.setdefault("package data", {})
    key = (package.name, limit)
    if key not in found:
        found[key] = tuple(dict.fromkeys((*_configuration(scene, package), *_data(scene, package, limit))))
    kept: tuple[str, ...] = found[key]
    return kept


def _is_data_only(package: Package) -> bool:
    return not any(_PROGRAMS.match(path) or is_library(path) for path in package.files)


def _configuration(scene: Scene, package: Package) -> Iterator[str]:
    """Its files below etc, and its directories there with what scripts and users put into them."""
    no = _NO_CONFIGURATION.split()
    names = {match[1] for path in package.directories if (match := _ETC.match(path))}
    for path in sorted(package.files):
        match = _ETC.match(path)
        if match and match[1] not in no:
            yield path
    for name in sorted(names.difference(no)):
        if _are_all_of(scene, f"etc/{name}", package):
            yield f"etc/{name}"
            yield from (entry.path for entry in scene.below(f"etc/{name}"))


def _are_all_of(scene: Scene, directory: str, package: Package) -> bool:
    """Whether no stranger's package has files in a directory: only this one, what needs it, and what it needs."""
    family = {package.name, *package.requires}
    for entry in scene.below(directory):
        owner = scene.owner(entry.path)
        if owner is not None and owner.name not in family and package.name not in owner.requires:
            return False
    return True


def _data(scene: Scene, package: Package, limit: int) -> Iterator[str]:
    """Its files below usr/share and in directories of its own below lib and libexec, unless they are too much."""
    groups: dict[str, list[str]] = {}
    for path in package.files:
        match = _PLACE.match(path)
        if match and not _is_excluded(match[0]) and not path.endswith(_FOR_COMPILERS) and path in scene.tree:
            groups.setdefault(match[0], []).append(path)
    for files in groups.values():
        paths = [path for path in files if not areas(scene).managed(path)]
        most = _MOST if any(path in scene.touched for path in paths) else limit
        inodes = {entry.inode or path: entry.size for path in paths if (entry := scene.tree[path]).content is not None}
        if sum(inodes.values()) <= most:
            yield from sorted(paths)


def _is_excluded(directory: str) -> bool:
    if directory.startswith("usr/share/"):
        return directory.rpartition("/")[2] in _NO_DATA.split()
    return _NO_CODE.search(directory) is not None


RULES = (Rule("package data", "Configuration, data and plug-ins of a package whose program is used.", family=_family),)
