"""Packages that system package managers are told to install and to remove."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.calls.wrappers import text_of
from lissom.lint.subject import StepView

__all__ = ["DATABASES", "SYSTEM", "Installed", "database_of", "installed", "installs", "removes"]

_INSTALL = {
    "apt-get": ("install", "build-dep"),
    "apt": ("install", "build-dep"),
    "aptitude": ("install",),
    "apk": ("add",),
    "dnf": ("install", "groupinstall"),
    "yum": ("install", "groupinstall"),
    "microdnf": ("install",),
    "tdnf": ("install",),
    "zypper": ("install", "in"),
}
_REMOVE = {
    "apt-get": ("remove", "purge", "autoremove"),
    "apt": ("remove", "purge", "autoremove"),
    "aptitude": ("remove", "purge"),
    "apk": ("del",),
    "dnf": ("remove", "erase", "autoremove"),
    "yum": ("remove", "erase", "autoremove"),
    "microdnf": ("remove",),
    "tdnf": ("remove", "erase", "autoremove"),
    "zypper": ("remove", "rm"),
}
SYSTEM = frozenset((*_INSTALL, "dpkg", "rpm"))
"""The programs that install packages of the distribution."""

DATABASES = {
    **dict.fromkeys(("apt-get", "apt", "aptitude", "dpkg"), "dpkg"),
    **dict.fromkeys(("dnf", "yum", "microdnf", "tdnf", "zypper", "rpm"), "rpm"),
    "apk": "apk",
}
"""Which database of packages a program writes."""

_PACMAN = ("pacman", "yay", "paru")
_SYNC = re.compile(r"-S[yuwq]*|--sync")
_VERSION = re.compile(r"[=<>~].*|(?<=[a-z0-9])/.*")
_ARCHITECTURE = re.compile(r":(any|native|amd64|arm64|i386|armhf)$")


@dataclass(frozen=True, slots=True)
class Installed:
    """A package that a call installs: its name without version, and the word that names it."""

    name: str
    word: Word
    call: Call


def installs(call: Call) -> bool:
    """Whether the call installs packages of the distribution."""
    return call.verb in _INSTALL.get(call.program, ()) or _pacman_syncs(call)


def _pacman_syncs(call: Call) -> bool:
    """Whether it is pacman told to install: by its option -S, with no letter that only asks or cleans."""
    return call.program in _PACMAN and any(_SYNC.fullmatch(arg) for arg in call.args)


def installed(step: StepView) -> Iterator[Installed]:
    """Every package that a step names to be installed and does not remove again in the same script.

    When what is removed is named by a variable, a mark, a virtual package or a pattern, nothing of the step is told.
    """
    calls = calls_of(step)
    gone = {name for call in calls for name in removes(call)}
    if _removes_unmarked(calls) or any(name.startswith((".", "$", "${")) or "*" in name for name in gone):
        return
    for call in calls:
        if installs(call):
            for word in call.operands[0 if call.program in _PACMAN else 1 :]:
                name = _name(text_of(word))
                if name and name not in gone:
                    yield Installed(name, word, call)


def _removes_unmarked(calls: tuple[Call, ...]) -> bool:
    """Whether packages are marked as not asked for, then removed with all that nothing needs."""
    marked = any(call.runs("apt-mark", "auto") for call in calls)
    return marked and any(call.verb in _REMOVE.get(call.program, ()) for call in calls)


def removes(call: Call) -> tuple[str, ...]:
    """The packages that a call removes, as written."""
    if call.verb not in _REMOVE.get(call.program, ()):
        return ()
    return tuple(_name(text_of(word)) or text_of(word) for word in call.operands[1:])


def database_of(call: Call) -> str:
    """The database of packages that a call changes; empty for none."""
    verbs = (*_INSTALL.get(call.program, ()), *_REMOVE.get(call.program, ()), "upgrade", "dist-upgrade", "full-upgrade")
    writes = call.verb in (*verbs, "update", "up", "dist-sync") or (
        call.program in ("dpkg", "rpm")
        and call.has("-i", "-U", "--install", "--unpack", "--configure", "-e", "-r", "-P")
    )
    return DATABASES.get(call.program, "") if writes else ""


def _name(text: str) -> str:
    text = _ARCHITECTURE.sub("", _VERSION.sub("", text.strip("'\"")))
    return "" if text.startswith(("-", "/", "./", "http")) or text.endswith((".deb", ".rpm", ".apk")) else text
