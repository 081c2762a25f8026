"""The package managers of distributions other than Debian's."""

from __future__ import annotations

from lissom.lint.caches.cache import Cache, called
from lissom.lint.calls.call import Call

__all__ = ["APK_INDEX", "APK_PACKAGES", "BREW", "DNF", "PACMAN", "PORTAGE", "YUM", "ZYPPER"]

_RPM_FILLS = (
    "install|update|upgrade|reinstall|downgrade|localinstall|groupinstall|group|groupupdate|builddep|build-dep|"
    "distro-sync|swap|module|makecache|check-update|upgrade-minimal|update-minimal"
)
_ZYPPER_FILLS = "install|in|update|up|dup|dist-upgrade|patch|refresh|ref|source-install|si|install-new-recommends|inr"


def _apk_reads(call: Call) -> bool:
    reads = call.runs("apk", "add", "upgrade", "search", "list", "info", "policy", "fetch", "fix")
    return reads and not call.has("--no-cache", "--update", "--update-cache", "-U")


APK_PACKAGES = Cache(
    what="apk's index stays",
    fills=called("apk add|upgrade|fix"),
    paths=("/var/cache/apk", "/etc/apk/cache"),
    flags=("--no-cache", "--no-network"),
    flag="--no-cache",
    gone=("var/cache/apk/**",),
    needed=True,
    reader=_apk_reads,
    measured=("apk cache",),
)

APK_INDEX = Cache(
    what="apk's index stays",
    fills=called("apk update"),
    paths=("/var/cache/apk", "/etc/apk/cache"),
    flags=("--no-cache",),
    gone=("var/cache/apk/**",),
    needed=True,
    reader=_apk_reads,
    measured=("apk cache",),
)


def _rpm(program: str, *paths: str) -> Cache:
    return Cache(
        what=f"what {program} downloaded stays",
        fills=called(f"{program} {_RPM_FILLS}"),
        paths=paths,
        clearing=_cleans_rpm,
        command=f"{program} clean all",
        gone=("var/cache/yum/**", "var/cache/dnf/**", "var/cache/libdnf5/**", "var/log/*.log"),
        reader=lambda call: call.program == program and call.has("-C", "--cacheonly"),
        measured=("yum cache", "dnf cache"),
    )


def _cleans_rpm(call: Call) -> bool:
    return call.program in ("dnf", "yum", "microdnf", "tdnf", "dnf5") and call.verb == "clean" and "all" in call.args


YUM = _rpm("yum", "/var/cache/yum", "/var/cache/dnf")
DNF = tuple(
    _rpm(program, "/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5", "/var/cache/tdnf")
    for program in ("dnf", "microdnf", "tdnf", "dnf5")
)

ZYPPER = Cache(
    what="what zypper downloaded stays",
    fills=called(f"zypper {_ZYPPER_FILLS}"),
    paths=("/var/cache/zypp",),
    clearing=called("zypper clean|cc"),
    command="zypper clean --all",
    gone=("var/cache/zypp/**", "var/log/**"),
    reader=lambda call: call.program == "zypper" and call.has("--no-refresh"),
    measured=("zypper cache",),
)


def _syncs(call: Call) -> bool:
    return call.program in ("pacman", "yay", "paru") and any(
        arg.startswith("-S") and not set(arg) & set("clgips") for arg in call.args
    )


def _cleans_pacman(call: Call) -> bool:
    return call.program in ("pacman", "yay", "paru") and any(arg.startswith("-S") and "c" in arg for arg in call.args)


PACMAN = Cache(
    what="the packages that pacman downloaded stay",
    fills=_syncs,
    paths=("/var/cache/pacman/pkg",),
    clearing=_cleans_pacman,
    command="rm -rf /var/cache/pacman/pkg/*",
    gone=("var/cache/pacman/pkg/**",),
    measured=("pacman cache",),
)


def _emerges(call: Call) -> bool:
    return call.program == "emerge" and bool(call.operands) and not call.has("-C", "--unmerge", "--depclean")


PORTAGE = Cache(
    what="the sources that emerge downloaded stay",
    fills=_emerges,
    paths=("/var/cache/distfiles", "/usr/portage/distfiles"),
    folders=("DISTDIR",),
    clearing=called("eclean distfiles|packages", "eclean-dist"),
    command="rm -rf /var/cache/distfiles/*",
    gone=("var/cache/distfiles/**",),
)

BREW = Cache(
    what="what Homebrew downloaded stays",
    fills=called("brew install|upgrade|bundle|reinstall"),
    paths=("~/.cache/Homebrew",),
    folders=("HOMEBREW_CACHE",),
    clearing=called("brew cleanup"),
    command="rm -rf ~/.cache/Homebrew",
    gone=("**/.cache/Homebrew/**", "**/.cache/Homebrew"),
    measured=("Homebrew cache",),
)
