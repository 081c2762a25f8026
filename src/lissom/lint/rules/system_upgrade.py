"""The base image's packages are upgraded in a layer of their own.

What: `apt-get upgrade`, `dist-upgrade` or `full-upgrade`, `apk upgrade`, `yum update` or `dnf upgrade` without package
names, `zypper update`, `pacman -Syu` without package names, in a stage that is shipped.
Why: each upgraded file is in the image twice, in the base's layer and in this one, and the result depends on the day.
A newer tag or digest of the base has the same packages once.
Bad:
    FROM debian:bookworm-20240101
    RUN apt-get update && apt-get upgrade -y && rm -rf /var/lib/apt/lists/*
Good:
    FROM debian:bookworm-20240701
Fix: none: whether a newer base image is there, and has what this needs, the text does not tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.caches.left import shipped_runs
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]

_WHOLE = {
    "apt-get": ("upgrade", "dist-upgrade", "full-upgrade"),
    "apt": ("upgrade", "dist-upgrade", "full-upgrade"),
    "aptitude": ("upgrade", "safe-upgrade", "full-upgrade", "dist-upgrade"),
}
_NAMED = {
    "apk": ("upgrade",),
    "yum": ("update", "upgrade", "distro-sync"),
    "dnf": ("update", "upgrade", "distro-sync"),
    "microdnf": ("update", "upgrade"),
    "tdnf": ("update", "upgrade"),
    "zypper": ("update", "up", "patch"),
}


def _check(subject: Subject) -> Iterator[Found]:
    for _, _, step in shipped_runs(subject):
        for call in calls_of(step):
            if _upgrades_all(call):
                yield Found(call.span, "packages of the base image are stored a second time; take a newer base image")


def _upgrades_all(call: Call) -> bool:
    if call.program == "pacman":
        return any(arg.startswith("-S") and "u" in arg for arg in call.args) and not call.operands
    alone = len(call.operands) == 1
    return call.verb in _WHOLE.get(call.program, ()) or (alone and call.verb in _NAMED.get(call.program, ()))


RULE = Rule(
    code="system-upgrade",
    title="The base image's packages are upgraded in a layer of their own",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=_check,
    page=__doc__ or "",
)
