"""apt: its lists and its downloads."""

from __future__ import annotations

import re

from lissom.lint.caches.cache import Cache, called
from lissom.lint.calls.call import Call

__all__ = ["APT_ARCHIVES", "APT_LISTS", "installs", "updates"]

_INSTALLS = ("install", "reinstall", "build-dep", "upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade", "satisfy")
_READS = (*_INSTALLS, "download", "source", "show", "list", "search", "policy", "changelog", "dselect-upgrade")
_SETUP = re.compile(
    r"deb\.nodesource\.com/setup|get\.docker\.com|/script\.deb\.sh|downloads\.mariadb\.com/.*repo_setup"
)
_PROGRAMS = ("apt-get", "apt", "aptitude")


def updates(call: Call) -> bool:
    """Whether a call fetches the lists, by its own name or through what it is known to run."""
    if call.program in ("curl", "wget"):
        return any(_SETUP.search(arg) for arg in call.args)
    if call.program in ("playwright", "npx", "patchright"):
        return "install-deps" in call.args or "--with-deps" in call.args
    if call.runs("add-apt-repository") or call.runs("apt-add-repository"):
        return not call.has("-n", "--no-update")
    return call.program in _PROGRAMS and call.verb == "update"


def installs(call: Call) -> bool:
    """Whether a call installs packages from the archive."""
    return call.program in _PROGRAMS and call.verb in _INSTALLS


def _reads(call: Call) -> bool:
    reads = call.program in _PROGRAMS and call.verb in _READS
    return reads or call.program in ("apt-cache", "apt-file", "apt-show-versions", "tasksel", "gdebi", "mk-build-deps")


APT_LISTS = Cache(
    what="apt's package lists stay",
    fills=updates,
    paths=("/var/lib/apt/lists",),
    clearing=called("apt-get dist-clean|distclean", "apt dist-clean|distclean"),
    command="rm -rf /var/lib/apt/lists/*",
    gone=("var/lib/apt/lists/**",),
    needed=True,
    reader=_reads,
    measured=("apt lists",),
)

APT_ARCHIVES = Cache(
    what="the packages that apt downloaded stay",
    fills=installs,
    paths=("/var/cache/apt/archives",),
    clearing=called("apt-get clean|dist-clean|distclean", "apt clean|dist-clean|distclean", "aptitude clean"),
    command="apt-get clean",
    gone=("var/cache/apt/**",),
    measured=("apt archives", "apt package cache"),
)
