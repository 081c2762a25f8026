"""Packages without a version: what the rules for the package managers share."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.rule import Found
from lissom.lint.subject import Subject
from lissom.lint.triggers import run_calls

__all__ = ["unpinned", "unpinned_rpms"]

_RPM_VALUED = (
    *("--enablerepo", "--disablerepo", "--repo", "--repoid", "--installroot", "--releasever", "--setopt"),
    *("-c", "-x", "--exclude"),
)
_VERSION = re.compile(r"[A-Za-z0-9.~^_:+*]+")


def unpinned(subject: Subject, loose: Callable[[Call], Iterable[Word]]) -> Iterator[Found]:
    """A finding for each call that gets packages without a version; ``loose`` gives those of one call."""
    for _, call in run_calls(subject):
        words = tuple(loose(call))
        if words:
            more = f" and {len(words) - 1} more have" if len(words) > 1 else " has"
            yield Found(words[0].span, f"`{words[0].text}`{more} no version, so another build gets another one")


def unpinned_rpms(subject: Subject, programs: Collection[str]) -> Iterator[Found]:
    """A finding for each call of dnf, yum or their like that installs packages without a version."""
    return unpinned(subject, lambda call: _loose_rpms(call) if call.program in programs else ())


def _loose_rpms(call: Call) -> Iterator[Word]:
    """The packages that tell no version; groups are none, a module's stream is one."""
    words = call.operands_with(_RPM_VALUED)
    values = [word.value for word in words]
    if "install" not in values or "group" in values:
        return
    module = "module" in values
    for word in words:
        text = word.text.strip("\"'")
        if not text or word.value in ("install", "module"):
            continue
        fixed = ":" in word.text if module else _rpm_version(text)
        if not fixed:
            yield word


def _rpm_version(package: str) -> bool:
    parts = package.split("-")[1:]
    if package.endswith(".rpm"):
        return True
    return all(_VERSION.fullmatch(part) for part in parts) and any(part[:1].isdigit() for part in parts)
